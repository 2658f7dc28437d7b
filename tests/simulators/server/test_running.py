"""A region runs, is read and is driven."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
