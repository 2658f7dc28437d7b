"""The example connectors against a running Kosmos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anslut import Caller, Settings
from anslut.errors import AnslutError, ForeignEntryError
from anslut_examples.careless import CarelessConnector
from anslut_examples.kosmos import KosmosConnector
from anslut_simulators import serve_region
from anslut_simulators.population import default_population

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import RecordConnector
    from anslut_simulators import ControlClient, RunningRegion

pytestmark = pytest.mark.slow

NOTES, DIAGNOSES, LABORATORY = "care-documentation", "diagnoses", "laboratory-results"


@pytest.fixture(name="region", scope="module")
def running_region() -> Iterator[RunningRegion]:
    """Serve the region for all tests."""
    with serve_region("fjallmark") as region:
        yield region


@pytest.fixture(name="control")
def fresh_scenario(region: RunningRegion) -> ControlClient:
    """Return the control plane of a scenario that begins anew."""
    control = region.control("examples")
    control.reset()
    return control


def connect(region: RunningRegion, kind: type[RecordConnector] = KosmosConnector) -> RecordConnector:
    """Return a connector for the scenario."""
    return kind(Settings.from_environment(region.environment(scenario="examples")))


def entries(connector: RecordConnector, name: str, type_name: str) -> list[dict[str, Any]]:
    """Return what the connector answers about the persona called *name*."""
    identity = default_population().personas()[name].identities[0]
    query = {"patientId": {"root": identity.root, "extension": identity.extension}}
    found: list[dict[str, Any]] = connector.search(type_name, query, caller=Caller())["entries"]
    return found


def test_nothing_excluded_stands_in_an_approved_note(region: RunningRegion, control: ControlClient) -> None:
    """And what is excluded is there, flagged, with the rest of the note beside it."""
    del control
    notes = entries(connect(region), "valdsutsatt", NOTES)

    approved = " ".join(
        note["body"]["clinicalDocumentNoteText"] for note in notes if note["header"]["approvedForPatient"]
    )
    flagged = " ".join(
        note["body"]["clinicalDocumentNoteText"] for note in notes if not note["header"]["approvedForPatient"]
    )
    assert "Törnrosgården" not in approved
    assert "Törnrosgården" in flagged
    assert "Spänningshuvudvärk" in approved


def test_a_diagnosis_under_an_excluded_keyword_is_flagged(
    region: RunningRegion, control: ControlClient
) -> None:
    """The code alone can tell what happened."""
    del control
    found = entries(connect(region), "valdsutsatt", DIAGNOSES)

    flags = {one["body"]["diagnosisCode"]["code"]: one["header"]["approvedForPatient"] for one in found}
    assert flags["T140"] is False
    assert flags["R519"] is True


def test_a_long_record_is_whole(region: RunningRegion, control: ControlClient) -> None:
    """Kosmos gives a hundred at a time."""
    del control
    identity = default_population().personas()["manga-poster"].identities[0]
    query: dict[str, Any] = {"patientId": {"root": identity.root, "extension": identity.extension}}
    connector, ids = connect(region), set()
    while True:
        answer = connector.search(NOTES, query, caller=Caller())
        ids |= {one["header"]["documentId"] for one in answer["entries"]}
        if "hasMore" not in answer:
            break
        query["hasMoreReference"] = answer["hasMore"]["reference"]

    assert len(ids) >= 1_200


def test_both_identities_of_a_newborn_are_read(region: RunningRegion, control: ControlClient) -> None:
    """The first days were written under a reserve number."""
    del control
    careful = entries(connect(region), "reservnummer", NOTES)
    careless = entries(connect(region, CarelessConnector), "reservnummer", NOTES)

    assert len(careful) > len(careless)


def test_somebody_elses_entry_stops_the_answer(region: RunningRegion, control: ControlClient) -> None:
    """Better no answer than another person's."""
    control.fault("foreign-entry")

    with pytest.raises(ForeignEntryError):
        entries(connect(region), "anna-vuxen", DIAGNOSES)


def test_a_broken_source_is_an_error_and_not_an_empty_record(
    region: RunningRegion, control: ControlClient
) -> None:
    """The careless one shows what the difference is."""
    control.fault("status", status=500)

    with pytest.raises(AnslutError):
        entries(connect(region), "anna-vuxen", NOTES)
    assert entries(connect(region, CarelessConnector), "anna-vuxen", NOTES) == []


def test_somebody_kosmos_does_not_know_has_an_empty_record(
    region: RunningRegion, control: ControlClient
) -> None:
    """That is the one time when empty is the answer."""
    del control

    assert entries(connect(region), "okand", NOTES) == []


def test_laboratory_answers_keep_both_signatures_apart(region: RunningRegion, control: ControlClient) -> None:
    """All four combinations of the laboratory's signature and the recipient's verification are met."""
    del control
    found = entries(connect(region), "labb-ovidimerad", LABORATORY)

    seen = {("signature" in one["header"], "recipientSignature" in one["body"]) for one in found}
    assert seen == {(True, True), (True, False), (False, True), (False, False)}


def test_changes_are_told_from_where_one_left_off(region: RunningRegion, control: ControlClient) -> None:
    """Told twice is harmless; never told is not."""
    connector = connect(region)
    identity = default_population().personas()["anna-vuxen"].identities[0]
    before = connector.read_changes(None)
    control.write(type=NOTES, patient_id=identity)

    after = connector.read_changes(before.position)

    assert [(one.patient_id.extension, one.type) for one in after.items] == [(identity.extension, NOTES)]
    assert connector.read_changes(after.position).items == ()


def test_a_restored_kosmos_is_followed_from_the_beginning(
    region: RunningRegion, control: ControlClient
) -> None:
    """A feed that numbers from 1 again would otherwise be silent until it has caught up."""
    identity = default_population().personas()["anna-vuxen"].identities[0]
    control.write(type=NOTES, patient_id=identity)

    changes = connect(region).read_changes("999999")

    assert [one.type for one in changes.items] == [NOTES]
    assert int(changes.position or 0) < 999999
