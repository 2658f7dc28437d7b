"""The Natal connector against a running Natal: whose data it hands over, and what it does when Natal errs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anslut import Caller, Settings
from anslut.errors import AnslutError, ForeignEntryError, SourceDataError
from anslut_examples.natal import NatalConnector
from anslut_simulators import serve_region
from anslut_simulators.population import default_population

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators import ControlClient, RunningRegion

pytestmark = pytest.mark.slow

NOTES, RECORDS = "care-documentation", "maternity-records"


@pytest.fixture(name="region", scope="module")
def running_region() -> Iterator[RunningRegion]:
    """Serve the region for all tests."""
    with serve_region("fjallmark") as region:
        yield region


@pytest.fixture(name="control")
def fresh_scenario(region: RunningRegion) -> ControlClient:
    """Return the control plane of a scenario that begins anew."""
    control = region.control("natal-exempel")
    control.reset()
    return control


@pytest.fixture(name="connector")
def natal_connector(region: RunningRegion, control: ControlClient) -> NatalConnector:
    """Return a connector for the scenario."""
    del control
    return NatalConnector(
        Settings.from_environment(region.environment(scenario="natal-exempel", system="natal"))
    )


def entries(
    connector: NatalConnector, name: str, type_name: str, *, identity: int = 0
) -> list[dict[str, Any]]:
    """Return what the connector answers about the persona called *name*."""
    who = default_population().personas()[name].identities[identity]
    query = {
        "patientId": {"root": who.root, "extension": who.extension},
        "sourceSystemId": connector.settings.source_system_ids[0],
    }
    found: list[dict[str, Any]] = connector.search(type_name, query, caller=Caller())["entries"]
    return found


def texts(found: list[dict[str, Any]], *, approved: bool) -> str:
    """Return the texts of the notes that are approved, or that are not."""
    return "\n".join(
        one["body"]["clinicalDocumentNoteText"]
        for one in found
        if one["header"]["approvedForPatient"] is approved
    )


def test_a_newborns_notes_are_the_childs(connector: NatalConnector) -> None:
    """They stand in the mother's chart; she gets hers, and the child its own, under both numbers."""
    mother = texts(entries(connector, "natal-nyfodd-mor", NOTES), approved=True)
    child = texts(entries(connector, "natal-nyfodd", NOTES), approved=True)
    by_first_number = texts(entries(connector, "natal-nyfodd", NOTES, identity=1), approved=True)

    assert "K-vitamin" not in mother
    assert "Värkarbete" in mother
    assert "K-vitamin" in child
    assert "Värkarbete" not in child
    assert child == by_first_number
    assert entries(connector, "natal-nyfodd", RECORDS) == []


def test_a_delivery_of_twins_has_both_in_order(connector: NatalConnector) -> None:
    """Each with its own weight and Apgar; at the later check-up nobody is weighed."""
    found = entries(connector, "natal-tvillingar", RECORDS)
    after = [one["body"]["postDeliveryRecord"] for one in found if "postDeliveryRecord" in one["body"]]

    later, first = (record["childPostDeliveryRecord"] for record in after)
    assert [(one["ordinalNumber"], one["weight"]["value"]) for one in first] == [(1, "2380"), (2, "2510")]
    assert [one["apgarScore1"] for one in first] == [8, 7]
    assert later == [{"ordinalNumber": 1}, {"ordinalNumber": 2}]


def test_a_checkup_says_what_was_measured(connector: NatalConnector) -> None:
    """Completed weeks, decimals with a point, and units as people read them."""
    found = entries(connector, "natal-tvillingar", RECORDS)
    checkups = [
        one["body"]["pregnancyCheckupRecord"] for one in found if "pregnancyCheckupRecord" in one["body"]
    ]

    assert checkups[0] == {
        "completeWeeksOfGestation": 35,
        "weight": {"value": "86.5", "unit": "kg"},
        "symphysisFundalHeight": {"value": "38", "unit": "cm"},
        "haemoglobin": {"value": "111", "unit": "g/L"},
        "bloodPressureSystolic": {"value": "128", "unit": "mmHg"},
        "bloodPressureDiastolic": {"value": "82", "unit": "mmHg"},
        "proteinuria": {"value": "0.3", "unit": "g/L"},
        "glycosuria": {"value": "0", "unit": "mmol/L"},
        "fetalPosition": [0, 1],
        "fetalPresentation": [1, 0],
        "fetalHeartRate": [{"value": "138", "unit": "slag/min"}, {"value": "149", "unit": "slag/min"}],
    }


def test_exempt_entries_are_flagged_and_their_neighbours_are_not(connector: NatalConnector) -> None:
    """An enrolment, a check-up and a delivery are exempt; the other two are shown."""
    found = entries(connector, "natal-undantag", RECORDS)

    assert [one["header"]["approvedForPatient"] for one in found] == [True, False, False, True, False]


def test_what_is_protected_from_staff_is_shown(connector: NatalConnector) -> None:
    """A confidentiality label is no exemption."""
    found = entries(connector, "natal-kanslig", RECORDS) + entries(connector, "natal-kanslig", NOTES)

    assert len(found) == 4
    assert all(one["header"]["approvedForPatient"] for one in found)


def test_excluded_headings_split_a_note(connector: NatalConnector) -> None:
    """The rest of the same note is shown."""
    found = entries(connector, "natal-valdsutsatt", NOTES)

    assert "Tyra Vindelhav" in texts(found, approved=False)
    assert "Tyra Vindelhav" not in texts(found, approved=True)
    assert "Två katter" in texts(found, approved=True)


def test_characters_come_as_they_were_written(connector: NatalConnector) -> None:
    """Natal's texts are XHTML, ours are plain."""
    told = texts(entries(connector, "natal-tecken", NOTES), approved=True)

    assert "<b>inte fetstil</b> & inte <br> heller." in told
    assert "\nNy rad: P&L &amp; &lt;kvar&gt;." in told
    assert "😀👶🏽" in told


def test_a_summary_is_no_note_before_week_37(connector: NatalConnector) -> None:
    """A draft of the source's own is not delivered."""
    told = {
        name: "Graviditeten" in texts(entries(connector, name, NOTES), approved=True)
        for name in ("natal-vecka36", "natal-vecka37", "natal-vecka38")
    }

    assert told == {"natal-vecka36": False, "natal-vecka37": True, "natal-vecka38": True}


@pytest.mark.parametrize("type_name", [NOTES, RECORDS])
def test_somebody_elses_entry_stops_the_answer(
    connector: NatalConnector, control: ControlClient, type_name: str
) -> None:
    """Better no answer than another person's."""
    control.fault("foreign-entry", system="natal")

    with pytest.raises(ForeignEntryError):
        entries(connector, "natal-vanlig", type_name)


@pytest.mark.parametrize(
    "fault",
    [
        "endless-pages",
        "duplicate-ids",
        "types-that-lie",
        "missing-field",
        "future-dates",
        "status",
        "malformed",
    ],
)
def test_a_wrong_source_is_an_error_and_never_half_an_answer(
    connector: NatalConnector, control: ControlClient, fault: str
) -> None:
    """Whatever goes wrong inside Natal's bundles."""
    whole = entries(connector, "natal-vanlig", RECORDS)
    control.fault(fault, system="natal", path="everything")

    try:
        found = entries(connector, "natal-vanlig", RECORDS)
    except AnslutError:
        return
    # Some damage does no harm to this type's entries, but nothing may be missing then.
    assert len(found) == len(whole)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_sheet_of_an_unknown_list_stops_the_answer(
    connector: NatalConnector, control: ControlClient, seed: int
) -> None:
    """A code means nothing without its system."""
    control.fault("wrong-code-system", system="natal", seed=seed)

    with pytest.raises(AnslutError):
        entries(connector, "natal-undantag", RECORDS)


def test_pages_that_go_round_are_refused(connector: NatalConnector, control: ControlClient) -> None:
    """A Bundle whose next link leads back to itself."""
    control.fault("endless-pages", system="natal")

    with pytest.raises(SourceDataError, match="round in circles"):
        entries(connector, "natal-vanlig", RECORDS)


def test_changes_are_told_from_where_one_left_off(connector: NatalConnector, control: ControlClient) -> None:
    """Told twice is harmless; never told is not."""
    who = default_population().personas()["natal-vanlig"].identity
    before = connector.read_changes(None)
    control.write(type=RECORDS, patient_id=who, event={"system": "natal"})

    after = connector.read_changes(before.position)

    assert [(one.patient_id.extension, one.type) for one in after.items] == [(who.extension, RECORDS)]
    assert connector.read_changes(after.position).items == ()


def test_a_restored_natal_is_followed_from_the_beginning(
    connector: NatalConnector, control: ControlClient
) -> None:
    """A feed that numbers from 1 again would otherwise be silent until it has caught up."""
    who = default_population().personas()["natal-vanlig"].identity
    control.write(type=NOTES, patient_id=who, event={"system": "natal"})

    changes = connector.read_changes("999999")

    assert [one.type for one in changes.items] == [NOTES]
    assert int(changes.position or 0) < 999999
