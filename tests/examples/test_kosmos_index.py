"""A connector over Kosmos tells the index in RIV-TA, and the index then knows what it would know by JSON."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from anslut import Change, Changes, PersonId, Settings
from anslut.errors import AnslutError
from anslut.index import MOST_TRANSACTIONS, Announcer
from anslut_examples.kosmos import KosmosConnector
from anslut_simulators import serve_region
from anslut_simulators.population import default_population

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anslut import Entry, Query
    from anslut_simulators import ControlClient, RunningRegion

pytestmark = pytest.mark.slow

DIAGNOSES = "diagnoses"
ANNA = default_population().personas()["anna-vuxen"].identity
NOBODY = default_population().personas()["tom"].identity
NEWBORN = default_population().personas()["reservnummer"]
_NAMES = count(1)


@pytest.fixture(name="region", scope="module")
def running_region() -> Iterator[RunningRegion]:
    """Serve the region for all tests."""
    with serve_region("fjallmark") as region:
        yield region


class Pair:
    """Two connectors over one Kosmos: one tells its index in JSON, the other its own in RIV-TA."""

    def __init__(self, region: RunningRegion, kind: type[KosmosConnector]) -> None:
        name = f"index-{next(_NAMES)}"
        self.control = region.control(name)
        self.other = region.control(f"{name}-rivta")
        common = region.environment(scenario=name)
        rivta = region.environment(scenario=f"{name}-rivta", index="rivta")
        told = {key: rivta[key] for key in ("ANSLUT_INDEX_URL", "ANSLUT_INDEX_LOGICAL_ADDRESS")}
        self.announcers = [
            Announcer(kind(Settings.from_environment(settings))) for settings in (common, common | told)
        ]

    def announce(self) -> None:
        """Tell everything that has happened."""
        for announcer in self.announcers:
            while announcer.announce():
                pass

    def known(self) -> dict[str, Any]:
        """Return what both indexes know, which must be the same."""
        found = self.control.index()
        assert self.other.index() == found
        return found


@pytest.fixture
def pair(region: RunningRegion) -> Pair:
    """Return two connectors over a Kosmos in which nothing has happened."""
    return Pair(region, KosmosConnector)


def posts(control: ControlClient) -> list[dict[str, Any]]:
    """Return the calls to the index."""
    return [call for call in control.journal() if call["path"].startswith("/index/")]


def test_what_is_entered_and_removed_is_known_alike(pair: Pair) -> None:
    """An engagement comes with the first entry and goes with the last, and not before."""
    first = pair.control.write(type=DIAGNOSES, patient_id=NOBODY)
    pair.control.advance(60)
    second = pair.control.write(type=DIAGNOSES, patient_id=NOBODY)
    pair.announce()
    (known,) = pair.known()["engagements"]
    pair.control.change(NOBODY, first.id, "remove")
    pair.announce()
    assert pair.known()["engagements"] == [known]
    pair.control.change(NOBODY, second.id, "remove")

    pair.announce()

    after = pair.known()
    assert after["engagements"] == []
    assert after["transactions"][-1]["deleteFlag"] is True
    assert after["refusals"] == []
    assert known["registeredResidentIdentification"] == NOBODY.extension


def test_the_index_is_told_when_a_resident_may_no_longer_see_an_entry(pair: Pair) -> None:
    """The flag approvedForPatient flips both ways: told each time, and the engagement stays."""
    event = pair.control.write(type=DIAGNOSES, patient_id=ANNA)
    pair.announce()
    before = pair.known()
    for change in ("exclude", "unexclude"):
        pair.control.change(ANNA, event.id, change)
        pair.announce()

    after = pair.known()
    assert len(after["transactions"]) == len(before["transactions"]) + 2
    assert not any(one["deleteFlag"] for one in after["transactions"])
    assert after["engagements"] == before["engagements"]


def test_nobody_is_told_of_by_a_reserve_number(pair: Pair) -> None:
    """The index holds national numbers only, in either form."""
    for identity in NEWBORN.identities:
        pair.control.write(type="care-documentation", patient_id=identity)

    pair.announce()

    known = pair.known()
    assert known["refusals"] == []
    assert {one["engagement"]["registeredResidentIdentification"] for one in known["transactions"]} <= {
        one.extension for one in NEWBORN.identities if len(one.extension) == 12 and one.extension.isdigit()
    }


@pytest.mark.parametrize("fault", ["status", "malformed", "truncate", "reset"])
def test_nothing_is_lost_while_the_index_is_down(pair: Pair, fault: str) -> None:
    """Down for all forms of telling; when it is up again everything arrives, once."""
    pair.control.write(type=DIAGNOSES, patient_id=NOBODY)
    for control in (pair.control, pair.other):
        control.fault(fault, system="index")
    for announcer in pair.announcers:
        with pytest.raises(AnslutError):
            announcer.announce()
    assert all(posts(control) for control in (pair.control, pair.other))
    for control in (pair.control, pair.other):
        control.clear_faults()
        control.clear_index()

    pair.announce()

    (told,) = pair.known()["transactions"]
    assert told["engagement"]["categorization"] == "dia"


@cache
def _people() -> list[PersonId]:
    """Return one person more than a call may tell of."""
    people = default_population().sample(1_600, region="fjallmark", label="restored")
    numbers = dict.fromkeys(one.identity.extension for one in people if one.identity.root == ANNA.root)
    found = [PersonId(root=ANNA.root, extension=number) for number in numbers][: MOST_TRANSACTIONS + 1]
    assert len(found) == MOST_TRANSACTIONS + 1
    return found


class _Restored(KosmosConnector):
    """A connector whose source tells of everybody at once, as after a restore; most have moved away since."""

    def read_changes(self, position: str | None) -> Changes:
        """Return more than a thousand changes in one helping."""
        changes = () if position else tuple(Change(patient_id=one, type=DIAGNOSES) for one in _people())
        return Changes(items=changes, position="1")

    def read_diagnoses(self, query: Query) -> Iterable[Entry]:
        """Return what Kosmos has about the first and the last of them."""
        return super().read_diagnoses(query) if query.patient_id in _people()[:20] + _people()[-20:] else ()


def test_more_than_a_thousand_changes_are_told_in_calls_that_the_index_takes(region: RunningRegion) -> None:
    """A thousand in the first call and the rest in the next, and nothing is refused."""
    pair = Pair(region, _Restored)

    pair.announce()

    known = pair.known()
    assert len(known["transactions"]) == MOST_TRANSACTIONS + 1
    assert known["engagements"]
    assert known["refusals"] == []
    assert [call["status"] for call in posts(pair.other)] == [200, 200]
