"""The Vaxreg connector against a running Vaxreg, whole and broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anslut import Caller, Settings
from anslut.errors import AnslutError, ForeignEntryError
from anslut.source.xml import read_xml
from anslut_examples.vaxreg import VaxregConnector
from anslut_simulators import serve_region
from anslut_simulators.population import default_population

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators import ControlClient, RunningRegion

pytestmark = pytest.mark.slow

VACCINATIONS = "vaccinations"
PATH = "/tjanster/vaccinationer"


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
def connected(region: RunningRegion, control: ControlClient) -> VaxregConnector:
    """Return a connector for the scenario."""
    del control
    return VaxregConnector(Settings.from_environment(region.environment("vaxreg", scenario="examples")))


def entries(connector: VaxregConnector, name: str, **query: object) -> list[dict[str, Any]]:
    """Return what the connector answers about the persona called *name*."""
    identity = default_population().personas()[name].identities[0]
    asked = {"patientId": {"root": identity.root, "extension": identity.extension}, **query}
    found: list[dict[str, Any]] = connector.search(VACCINATIONS, asked, caller=Caller())["entries"]
    return found


def test_nullified_registrations_are_delivered_as_such(connector: VaxregConnector) -> None:
    """With their doses, and with the reason that goes with no other."""
    found = entries(connector, "vaxreg-makulerad")
    reasons = [one["header"]["nullifiedReason"] for one in found if one["header"]["nullified"]]

    assert sorted(reasons) == ["Dubbelregistrering.", "Fel vaccin valt ur listan, se ny registrering."]
    assert all("nullifiedReason" not in one["header"] for one in found if not one["header"]["nullified"])
    assert all(one["body"]["administrationRecord"] for one in found)


def test_what_is_begun_is_nobodys_business(connector: VaxregConnector, control: ControlClient) -> None:
    """A registration is delivered when it is finished, and not before."""
    before = len(entries(connector, "utkast"))
    control.advance(2 * 86_400)

    assert before == 1
    assert len(entries(connector, "utkast")) == 2


def test_doses_on_a_temporary_number_come_along(connector: VaxregConnector) -> None:
    """All three, and each says which number of the series it is."""
    found = entries(connector, "vaxreg-tillfalligt")
    numbers = [one["body"]["administrationRecord"][0]["doseOrdinalNumber"] for one in found]

    assert numbers == [3, 2, 1]
    assert {one["header"]["patientId"]["extension"] for one in found} == {"199203762399"}


def test_history_from_a_card_gets_no_hour_batch_or_giver(connector: VaxregConnector) -> None:
    """What nobody wrote down is not made up."""
    found = entries(connector, "vaxreg-historik")
    cards = [one for one in found if one["body"]["registrationRecord"]["date"] < "2000"]

    assert len(cards) == 6
    for one in cards:
        (dose,) = one["body"]["administrationRecord"]
        assert not {"vaccineBatchId", "performer", "vaccineName", "dose"} & dose.keys()
        assert dose["sourceDescription"] == "Vaccinationskort"
        assert "documentTime" not in one["header"]
    (unreadable,) = [one for one in found if "administrationRecord" not in one["body"]]
    assert "oläslig" in unreadable["body"]["registrationRecord"]["vaccinationUnstructuredNote"]


def test_an_excluded_unit_is_flagged(connector: VaxregConnector) -> None:
    """The region decides by unit; the register itself hides nothing."""
    flags = {
        one["header"]["careUnitHsaId"]: one["header"]["approvedForPatient"]
        for one in entries(connector, "utesluten-enhet")
    }

    assert flags.pop("SE2321000999-A1009") is False
    assert set(flags.values()) == {True}


def test_characters_survive(connector: VaxregConnector) -> None:
    """Markup and quotes are text, through ISO-8859-1 and back."""
    (one,) = entries(connector, "tecken")

    assert "<script>alert('hej')</script> &amp; ]]> slut." in str(one["body"]["registrationRecord"])
    assert (
        '<ingenting> före & efter; sa "aj"' in one["body"]["administrationRecord"][0]["commentAdministration"]
    )


def test_many_pages_are_one_record(connector: VaxregConnector, control: ControlClient) -> None:
    """Vaxreg gives twenty at a time."""
    patient = default_population().personas()["anna-vuxen"].identity
    before = len(entries(connector, "anna-vuxen"))
    for number in range(45):
        note = f"Besked {number}."
        control.write(type=VACCINATIONS, patient_id=patient, content={"note": note})
    found = entries(connector, "anna-vuxen")

    assert len(found) == before + 45
    assert len({one["header"]["documentId"] for one in found}) == before + 45


@pytest.mark.parametrize(
    ("fault", "arguments"),
    [
        ("entity-bomb", {}),
        ("external-entity", {}),
        ("giant-line", {"size": 16_777_216}),
        ("types-that-lie", {}),
        ("types-that-lie", {"field": "nr"}),
        ("missing-field", {}),
        ("missing-field", {"field": "enhet"}),
        ("missing-field", {"field": "vaccin"}),
        ("missing-field", {"field": "id"}),
        ("missing-field", {"field": "status"}),
        ("wrong-code-system", {}),
        ("endless-pages", {}),
        ("polite-failure", {}),
        ("malformed", {}),
        ("empty-body", {}),
        ("trailing-nuls", {}),
        ("wrong-charset", {"charset": "utf-8"}),
        ("wrong-charset", {"charset": "cp850"}),
        ("wrong-charset", {"charset": "utf-16"}),
        ("wrong-content-type", {}),
        ("proxy-page", {}),
        ("unmarked-compression", {}),
        ("status", {"status": 500}),
        ("status", {"status": 200 + 203}),
    ],
)
def test_a_broken_source_is_an_error_that_names_it(
    connector: VaxregConnector, control: ControlClient, fault: str, arguments: dict[str, Any]
) -> None:
    """Never half a record, and never an empty one."""
    control.fault(fault, system="vaxreg", **arguments)

    with pytest.raises(AnslutError) as caught:
        entries(connector, "vaxreg-doser")
    assert caught.value.source == "SE2321000999-V001"
    control.clear_faults()
    assert len(entries(connector, "vaxreg-doser")) == 11


def test_endless_pages_are_given_up_at_once(connector: VaxregConnector, control: ControlClient) -> None:
    """A page that was given before is enough to know."""
    control.fault("endless-pages", system="vaxreg")

    with pytest.raises(AnslutError):
        entries(connector, "vaxreg-doser")
    assert len(control.journal()) < 12


@pytest.mark.parametrize("following", ["0", "-5", "sju", "٣"])
def test_pages_that_go_nowhere_are_given_up(
    connector: VaxregConnector, monkeypatch: pytest.MonkeyPatch, following: str
) -> None:
    """A source that points back, or nowhere, is broken."""
    body = f'<a xmlns="urn:x"><svar><kod>0</kod></svar><nastaLopnr>{following}</nastaLopnr></a>'
    calls: list[object] = []

    def call(*_: object, **fields: object) -> object:
        calls.append(fields)
        return read_xml(body.encode(), source="SE2321000999-V001")

    monkeypatch.setattr(connector.source, "call", call)
    with pytest.raises(AnslutError):
        entries(connector, "vaxreg-doser")
    assert len(calls) == 1


def test_somebody_elses_registration_stops_the_answer(
    connector: VaxregConnector, control: ControlClient
) -> None:
    """Better no answer than another person's."""
    control.fault("foreign-entry", system="vaxreg")

    with pytest.raises(ForeignEntryError):
        entries(connector, "anna-vuxen")


def test_a_linked_number_that_fails_is_not_left_out(
    connector: VaxregConnector, control: ControlClient
) -> None:
    """One of the person's two numbers cannot be read: the other is not the whole."""
    reserve = default_population().personas()["vaxreg-tillfalligt"].identities[1]
    control.fault(
        "status",
        system="vaxreg",
        status=500,
        patientId={"root": reserve.root, "extension": reserve.extension},
    )

    with pytest.raises(AnslutError):
        entries(connector, "vaxreg-tillfalligt")


def test_a_dead_session_is_renewed(connector: VaxregConnector, control: ControlClient) -> None:
    """Without anybody noticing."""
    entries(connector, "anna-vuxen")
    control.fault("expire-tokens", system="vaxreg", times=1)

    assert entries(connector, "anna-vuxen")


def test_changes_become_index_updates(connector: VaxregConnector, control: ControlClient) -> None:
    """Each change names the person; only Vaxreg's number is kept between calls, and a restored feed begins anew."""
    patient = default_population().personas()["vaxreg-tillfalligt"].identities[1]
    control.write(type=VACCINATIONS, patient_id=patient)
    control.write(type=VACCINATIONS, patient_id=default_population().personas()["anna-vuxen"].identity)
    first = connector.read_changes(None)
    control.fault("doubled-changes", system="vaxreg")
    control.fault("reordered-changes", system="vaxreg")
    disturbed = connector.read_changes(None)
    control.clear_faults()

    assert [change.patient_id.extension for change in first.items] == [patient.extension, "198405142384"]
    assert (first.position, first.has_more, disturbed.position) == ("2", False, "2")
    assert {change.patient_id for change in disturbed.items} == {change.patient_id for change in first.items}
    assert connector.read_changes("2").items == ()
    assert len(connector.read_changes("99").items) == 2
