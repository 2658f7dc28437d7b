"""The example connector for advice on the phone, against a running Rådgivningsstödet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anslut import Caller, Settings
from anslut.errors import AnslutError, ForeignEntryError, SourceDataError
from anslut_examples.radgivning import RadgivningConnector
from anslut_simulators import serve_region
from anslut_simulators.population import default_population

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators import ControlClient, RunningRegion
    from anslut_simulators.truth import Identity

pytestmark = pytest.mark.slow

NOTES, CONTACTS = "care-documentation", "care-contacts"
STREAMS = r"^/v1/strommar$"


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


@pytest.fixture(name="connector")
def for_the_scenario(region: RunningRegion) -> RadgivningConnector:
    """Return a connector for the scenario."""
    return RadgivningConnector(Settings.from_environment(region.environment("radgivning", "examples")))


def identity(name: str) -> Identity:
    """Return the persona's number."""
    return default_population().personas()[name].identities[0]


def entries(connector: RadgivningConnector, name: str, type_name: str) -> list[dict[str, Any]]:
    """Return what the connector answers about the persona called *name*."""
    person = identity(name)
    query = {"patientId": {"root": person.root, "extension": person.extension}}
    found: list[dict[str, Any]] = connector.search(type_name, query, caller=Caller())["entries"]
    return found


def texts(notes: list[dict[str, Any]], *, approved: bool) -> str:
    """Return the texts of the notes that are, or are not, approved."""
    return " ".join(
        note["body"]["clinicalDocumentNoteText"]
        for note in notes
        if note["header"]["approvedForPatient"] is approved
    )


def test_who_called_for_a_child_is_kept_apart(connector: RadgivningConnector, control: ControlClient) -> None:
    """The parent's name stands in an entry that is not approved, the advice in one that is."""
    del control
    notes = entries(connector, "radgivning-foralder-ringer", NOTES)

    assert "Mattias" in texts(notes, approved=False)
    assert "Mattias" not in texts(notes, approved=True)
    assert "vätskeersättning" in texts(notes, approved=True)
    assert "Vem ringer" not in texts(notes, approved=True).split("\n")


def test_drafts_are_not_delivered(connector: RadgivningConnector, control: ControlClient) -> None:
    """Three drafts and a saved note are one note."""
    del control
    notes = entries(connector, "radgivning-tre-utkast", NOTES)

    assert len(notes) == 1
    assert "Arbetsanteckning" not in texts(notes, approved=True)


def test_recordings_are_neither_followed_nor_handed_on(
    connector: RadgivningConnector, control: ControlClient
) -> None:
    """The journal of the source's calls is the witness."""
    found = str([entries(connector, "radgivning-tre-utkast", type_name) for type_name in (NOTES, CONTACTS)])

    assert "inspelning" not in found
    assert not any("inspelning" in call["path"] for call in control.journal())


def test_a_call_is_a_contact_with_its_reason_and_times(
    connector: RadgivningConnector, control: ControlClient
) -> None:
    """Kind, status, from and to, why and where."""
    del control
    (contact,) = entries(connector, "radgivning-foralder-ringer", CONTACTS)

    body = contact["body"]
    assert body["careContactCode"]["code"] == "2"
    assert body["careContactStatus"]["displayName"] == "avslutad vårdkontakt"
    assert body["careContactReason"] == "Kräkningar och diarré"
    assert body["careContactTimePeriod"]["start"] < body["careContactTimePeriod"]["end"]
    assert body["careContactOrgUnit"]["name"] == "1177 på telefon Fjällmark"


def test_both_identities_of_a_newborn_are_read(
    connector: RadgivningConnector, control: ControlClient
) -> None:
    """The first call was kept under a reserve number."""
    del control
    assert len(entries(connector, "reservnummer", CONTACTS)) == 2


def test_somebody_who_never_called_has_an_empty_record(
    connector: RadgivningConnector, control: ControlClient
) -> None:
    """That is the one time when empty is the answer."""
    del control
    assert entries(connector, "okand", NOTES) == []


def test_somebody_elses_line_stops_the_answer(connector: RadgivningConnector, control: ControlClient) -> None:
    """Better no answer than another person's."""
    control.fault("foreign-entry", system="radgivning")

    with pytest.raises(ForeignEntryError):
        entries(connector, "radgivning-tre-utkast", NOTES)


@pytest.mark.parametrize(
    ("fault", "arguments"),
    [
        ("giant-line", {"size": 50_000_000}),
        ("wrong-count", {}),
        ("no-end-line", {}),
        ("cut-line", {}),
        ("missing-field", {}),
        ("types-that-lie", {}),
        ("wrong-code-system", {}),
        ("malformed", {}),
        ("trailing-nuls", {}),
        ("wrong-charset", {"charset": "iso-8859-1"}),
        ("bom", {}),
        ("wrong-content-type", {}),
        ("empty-body", {}),
        ("proxy-page", {}),
    ],
)
def test_a_stream_that_is_not_sound_is_an_error_that_names_the_source(
    connector: RadgivningConnector, control: ControlClient, fault: str, arguments: dict[str, Any]
) -> None:
    """Never a part of it; and when it is sound again, so is the answer."""
    control.fault(fault, system="radgivning", path=STREAMS, times=1, **arguments)

    with pytest.raises(SourceDataError) as caught:
        entries(connector, "radgivning-tre-utkast", NOTES)

    assert caught.value.source == "SE2321000999-R001"
    assert len(entries(connector, "radgivning-tre-utkast", NOTES)) == 1


@pytest.mark.parametrize("fault", ["truncate", "reset", "reset-in-body"])
def test_a_connection_that_breaks_is_tried_again(
    connector: RadgivningConnector, control: ControlClient, fault: str
) -> None:
    """Once broken is mended; broken every time is an error."""
    control.fault(fault, system="radgivning", path=STREAMS, times=1)
    assert len(entries(connector, "radgivning-tre-utkast", NOTES)) == 1

    control.fault(fault, system="radgivning", path=STREAMS)
    with pytest.raises(AnslutError):
        entries(connector, "radgivning-tre-utkast", NOTES)


@pytest.mark.parametrize("fault", ["dribble", "odd-chunks"])
def test_pieces_of_any_size_make_the_same_answer(
    connector: RadgivningConnector, control: ControlClient, fault: str
) -> None:
    """A line does not end where a piece does."""
    whole = entries(connector, "radgivning-tre-utkast", NOTES)
    arguments = {"seconds": 0.001, "size": 7} if fault == "dribble" else {"size": 1}
    control.fault(fault, system="radgivning", path=STREAMS, **arguments)

    assert entries(connector, "radgivning-tre-utkast", NOTES) == whole


def test_changes_are_told_from_where_one_left_off(
    connector: RadgivningConnector, control: ControlClient
) -> None:
    """Told twice is harmless; never told is not."""
    person = identity("radgivning-tre-utkast")
    before = connector.read_changes(None)
    control.write(type=NOTES, patient_id=person, system="radgivning")

    after = connector.read_changes(before.position)

    assert [(one.patient_id.extension, one.type) for one in after.items] == [(person.extension, NOTES)]
    assert connector.read_changes(after.position).items == ()


def test_a_restored_source_is_followed_from_the_beginning(
    connector: RadgivningConnector, control: ControlClient
) -> None:
    """A feed that numbers from 1 again would otherwise be silent until it has caught up."""
    control.write(type=CONTACTS, patient_id=identity("radgivning-tre-utkast"), system="radgivning")

    changes = connector.read_changes("999999")

    assert CONTACTS in [one.type for one in changes.items]
    assert int(changes.position or 0) < 999999


def test_a_call_that_goes_on_gets_its_end_and_its_note_in_time(
    connector: RadgivningConnector, control: ControlClient
) -> None:
    """At eight it goes on; a quarter past it is over and written down."""
    name = "radgivning-leder-till-besok"
    (going_on,) = [
        one
        for one in entries(connector, name, CONTACTS)
        if one["body"]["careContactStatus"]["displayName"] == "pågående vårdkontakt"
    ]
    assert "end" not in going_on["body"]["careContactTimePeriod"]
    notes = entries(connector, name, NOTES)
    control.advance(900)

    ended = {one["header"]["documentId"]: one for one in entries(connector, name, CONTACTS)}

    same = ended[going_on["header"]["documentId"]]["body"]
    assert same["careContactStatus"]["displayName"] == "avslutad vårdkontakt"
    assert same["careContactTimePeriod"]["end"] == "2023-11-15T08:11:20+01:00"
    assert len(entries(connector, name, NOTES)) == len(notes) + 1
