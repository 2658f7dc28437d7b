"""Vaxreg's services: what they answer, page by page, and what they refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import requests
import zeep
from anslut_simulators.client import ControlError
from anslut_simulators.population import default_population
from anslut_simulators.truth.vaccinations import Vaccination
from vaxreg_caller import VAXREG, Caller, envelope, fault_code, written
from zeep.transports import Transport

if TYPE_CHECKING:
    from anslut_simulators import ControlClient, RunningRegion
    from anslut_simulators.truth import Identity

pytestmark = pytest.mark.slow

ANNA = default_population().personas()["anna-vuxen"].identity
CHILDREN = [
    person
    for person in default_population().sample(120, region="fjallmark", label="vaxreg tests")
    if 2012 <= person.birth_date.year <= 2018 and "vaxreg" in person.systems
][:8]


def test_a_child_has_its_programme(caller: Caller, control: ControlClient) -> None:
    """What stands in the truth stands in the register, registration by registration and dose by dose."""
    for child in CHILDREN:
        events = {event.id: event for event in control.truth(child.identity, "vaccinations")}
        rows = [row for one in child.identities for row in caller.registrations(one)]

        assert {row.get("id") for row in rows} == set(events)
        for row in rows:
            event = events[str(row.get("id"))]
            said = event.holding(Vaccination)
            assert row.findtext("{*}datum") == f"{event.occurred_at:%Y%m%d}"
            assert [dose.get("ref") for dose in row.findall("{*}dos")] == [dose.id for dose in said.doses]
            assert [dose.findtext("{*}batch") for dose in row.findall("{*}dos")] == [
                d.batch for d in said.doses
            ]
    assert any(len(row.findall("{*}dos")) > 1 for row in rows)


def test_an_independent_client_reads_the_same(region: RunningRegion, scenario: str, caller: Caller) -> None:
    """The WSDL is true: a client built from it alone gets every registration, and its types fit."""
    caller.log_in()
    client = zeep.Client(
        f"{caller.base}/tjanster/vaccinationer?wsdl", transport=Transport(session=caller.session)
    )
    service = client.create_service(
        f"{{{VAXREG}}}VaccinationerBindning", f"{caller.base}/tjanster/vaccinationer"
    )
    for child in CHILDREN[:4]:
        answer = service.SokVaccinationer(personnummer=written(child.identity))
        rows = caller.registrations(child.identity)

        assert answer.svar.kod == "0"
        assert [row.id for row in answer.registrering] == [row.get("id") for row in rows]
        assert [[dose.vaccin for dose in row.dos] for row in answer.registrering] == [
            [dose.findtext("{*}vaccin") for dose in row.findall("{*}dos")] for row in rows
        ]
    assert region.system_hsa_id("vaxreg") == "SE2321000999-V001"
    assert scenario


def test_the_catalogue_explains_every_code(caller: Caller) -> None:
    """A local code that nothing translates would make a dose nobody can read."""
    catalogue = caller.call("HamtaVaccinkatalog")
    known = {
        (row.tag.rpartition("}")[2], row.get("kod")) for row in catalogue.iter() if row.get("kod") is not None
    }
    for child in CHILDREN:
        for row in caller.registrations(child.identity):
            assert ("enhet", row.findtext("{*}enhet")) in known
            assert all(("befattning", act.get("befattning")) in known for act in row.findall("{*}handling"))
            for dose in row.findall("{*}dos"):
                assert ("vaccin", dose.findtext("{*}vaccin")) in known
                site = dose.findtext("{*}plats")
                assert site is None or ("plats", site) in known


def test_pages_join_to_the_whole(caller: Caller) -> None:
    """Two at a time gives the same as all at once, in the order of registration."""
    child = CHILDREN[0]
    whole = [row.get("id") for row in caller.registrations(child.identity)]
    numbers = [int(str(row.get("lopnr"))) for row in caller.registrations(child.identity)]

    assert [row.get("id") for row in caller.registrations(child.identity, antal=2)] == whole
    assert len(whole) > 4
    assert numbers == sorted(numbers)


def test_nobody_is_no_fault(caller: Caller) -> None:
    """A person the register does not know is an answer, with a code of its own."""
    answer = caller.call("SokVaccinationer", personnummer="19121212-1212")

    assert answer.findtext("{*}svar/{*}kod") == "1"
    assert answer.findall("{*}registrering") == []


@pytest.mark.parametrize(
    "number", ["900102-2384", "199001022384", "19900102-2385", "19901402-2384", "", "x" * 99]
)
def test_numbers_written_otherwise_are_refused(caller: Caller, number: str) -> None:
    """Twelve digits and a hyphen, with a right check digit."""
    answer = caller.post("SokVaccinationer", envelope("SokVaccinationer", personnummer=number))

    assert fault_code(answer) == "s:Client.Personnummer"


def test_a_nullified_registration_stays(caller: Caller, control: ControlClient) -> None:
    """It keeps its doses, and says who nullified it when and why; its number stays too."""
    event = control.write(type="vaccinations", patient_id=ANNA)
    before = next(row for row in caller.registrations(ANNA) if row.get("id") == event.id)
    control.advance(60)
    change = {"status": "nullified", "nullified_reason": "Registrerad på fel person."}
    control.change(ANNA, event.id, "edit", content=change)

    row = next(row for row in caller.registrations(ANNA) if row.get("id") == event.id)
    act = row.findall("{*}handling")[-1]
    assert row.get("status") == "M"
    assert row.get("lopnr") == before.get("lopnr")
    assert (act.get("typ"), act.get("orsak")) == ("makulerad", "Registrerad på fel person.")
    assert len(row.findall("{*}dos")) == 1


def test_what_is_weeded_out_is_not_listed(caller: Caller, control: ControlClient) -> None:
    """Removed is gone; only nullified stays."""
    event = control.write(type="vaccinations", patient_id=ANNA)
    control.change(ANNA, event.id, "remove")

    assert event.id not in {row.get("id") for row in caller.registrations(ANNA)}


def test_the_feed_tells_what_was_written(caller: Caller, control: ControlClient) -> None:
    """In order, with the number of the person, and from where one wants."""
    event = control.write(type="vaccinations", patient_id=ANNA)
    control.advance(60)
    control.change(ANNA, event.id, "sign")

    feed = caller.call("HamtaHandelser", efter=0)
    told = [(row.get("typ"), row.get("registrering")) for row in feed.findall("{*}handelse")]
    assert told == [("NY", event.id), ("SIGNERAD", event.id)]
    assert {row.findtext("{*}personnummer") for row in feed.findall("{*}handelse")} == {written(ANNA)}
    assert len(caller.call("HamtaHandelser", efter=1).findall("{*}handelse")) == 1
    assert feed.findtext("{*}senaste") == "2"


@pytest.mark.parametrize("text", ["Kul 🎉", "łódź", "a\x85b", "5 µg → 10 µg"])
def test_what_latin_1_lacks_cannot_be_registered(control: ControlClient, text: str) -> None:
    """The register would have written a question mark; nobody would know what stood there."""
    with pytest.raises(ControlError):
        control.write(type="vaccinations", patient_id=ANNA, content={"note": text})


def test_swedish_text_survives(caller: Caller, control: ControlClient) -> None:
    """Letters, markup and line breaks come back as they were written."""
    text = "Åsa & <Örjan> sa \"ja\" – nej, 'nej'\nSömnlös".replace("–", "-")
    event = control.write(type="vaccinations", patient_id=ANNA, content={"note": text})

    row = next(row for row in caller.registrations(ANNA) if row.get("id") == event.id)
    assert row.findtext("{*}fritext") == text


def test_sessions_die(caller: Caller, control: ControlClient) -> None:
    """Without a session, or with a dead one, the answer is 401 and a fault."""
    caller.log_in()
    control.fault("expire-tokens", system="vaxreg", times=1)
    answer = caller.post("SokVaccinationer", envelope("SokVaccinationer", personnummer=written(ANNA)))

    assert (answer.status_code, fault_code(answer)) == (401, "s:Client.Session")
    caller.log_in()
    assert caller.registrations(ANNA) is not None


def test_a_wrong_password_opens_nothing(region: RunningRegion, scenario: str) -> None:
    """And the answer does not say which of the two was wrong."""
    url = f"{region.source_url('vaxreg', scenario)}/tjanster/inloggning"
    body = envelope("LoggaIn", anvandare=region.client_id(scenario, "vaxreg"), losenord="fel")
    answer = requests.post(url, data=body, headers={"Content-Type": "text/xml"}, timeout=20)

    assert fault_code(answer) == "s:Client.Inloggning"


def test_a_newborns_first_dose_stays_under_the_reserve_number(caller: Caller) -> None:
    """Both numbers name each other, and each holds what was registered under it."""
    persona = default_population().personas()["reservnummer"]
    now, first = persona.identities
    answer = caller.call("SokVaccinationer", personnummer=written(now))

    assert [one.text for one in answer.findall("{*}kopplat")] == [written(first)]
    for identity in (now, first):
        rows = caller.registrations(identity)
        assert rows
        assert {row.findtext("{*}personnummer") for row in rows} == {written(identity)}


def test_later_is_later(caller: Caller, control: ControlClient, region: RunningRegion) -> None:
    """As the clock moves, what happens is registered, and the feed tells of it."""
    del region
    before = len(_all(caller, CHILDREN[0].identity))
    control.advance(int(timedelta(days=3 * 365).total_seconds()))

    caller.log_in()
    assert len(_all(caller, CHILDREN[0].identity)) >= before


def _all(caller: Caller, identity: Identity) -> list[object]:
    return list(caller.registrations(identity))
