"""A region runs, is read and is driven."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from small_country import ANNA, BO

if TYPE_CHECKING:
    from anslut_simulators import ControlClient
    from kosmos_caller import Caller


def test_a_connector_can_log_in_search_and_read(caller: Caller) -> None:
    """The thinnest line through Kosmos: everything else builds on it."""
    entries = caller.entries(ANNA)

    assert len(entries) == 13
    assert entries[0]["handelsetid"] > entries[-1]["handelsetid"]


def test_a_note_written_now_is_read_at_the_next_call(caller: Caller, control: ControlClient) -> None:
    """Residents see what is entered as soon as it is entered; so must Kosmos."""
    before = {entry["id"] for entry in caller.entries(BO)}
    event = control.write(type="care-documentation", patient_id=BO)

    assert {entry["id"] for entry in caller.entries(BO)} - before == {event.id}


def test_the_readmes_example_runs() -> None:
    """What a newcomer pastes first must work."""
    readme = Path(__file__).parents[3] / "simulators" / "README.md"
    example = readme.read_text().partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(compile(example, str(readme), "exec"), names)  # noqa: S102 - our own file

    assert names["note"].type == "care-documentation"
    assert names["settings"]["ANSLUT_SOURCE_URL"].endswith("/s/demo/kosmos")
