"""The careful example meets everything that can go wrong: the right answer or a told error, nothing in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anslut import Caller, Settings
from anslut.errors import AnslutError
from anslut_examples.kosmos import KosmosConnector
from anslut_simulators import serve_region
from anslut_simulators.faults.catalogue import catalogue
from anslut_simulators.kosmos.spoil import FAULTS
from anslut_simulators.population import default_population

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators import RunningRegion

pytestmark = pytest.mark.slow

ABLE = [row["fault"] for row in catalogue() if row["by"] == "gate" or row["fault"] in FAULTS]
#: A good client gets the whole answer in spite of these; the change feed's are not met by a search.
HARMLESS = {"expire-tokens", "latency", "giant-line", "stale-cursor", "odd-chunks", "dribble"} | {
    name for name in ABLE if name.endswith("-changes")
}
#: A connector cannot know these from the truth: good JSON, a real date, a real code.
UNSEEN = {"future-dates", "wrong-code-system"}
SHORT = {"stall": 0.1, "hang": 0.1, "latency": 0.1, "dribble": 0.001}


@pytest.fixture(name="region", scope="module")
def running_region() -> Iterator[RunningRegion]:
    """Serve the region for all tests."""
    with serve_region("fjallmark") as region:
        yield region


def _notes(region: RunningRegion, scenario: str) -> list[dict[str, Any]]:
    connector = KosmosConnector(Settings.from_environment(region.environment(scenario=scenario)))
    identity = default_population().personas()["flera-vardgivare"].identities[0]
    query = {"patientId": {"root": identity.root, "extension": identity.extension}}
    found: list[dict[str, Any]] = connector.search("care-documentation", query, caller=Caller())["entries"]
    return found


@pytest.mark.parametrize("fault", [name for name in ABLE if name not in UNSEEN])
def test_a_fault_gives_the_truth_or_an_error(region: RunningRegion, fault: str) -> None:
    """Half an answer taken for the whole is the worst of all."""
    scenario = f"fel-{fault}"
    control = region.control(scenario)
    told = _notes(region, scenario)
    more = {"seconds": SHORT[fault]} if fault in SHORT else {}
    control.fault(fault, path="anteckningar", **more)

    if fault in HARMLESS:
        assert _notes(region, scenario) == told
    else:
        with pytest.raises(AnslutError):
            _notes(region, scenario)
    assert len(told) > 2
