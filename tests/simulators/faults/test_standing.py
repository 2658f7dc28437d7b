"""The classic test persons, and the standing faults that some of them meet in every scenario."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut_simulators import serve_region
from anslut_simulators.faults.standing import standing_faults
from anslut_simulators.personas import load_personas
from anslut_simulators.personas.classic import classic_test_persons, persona_name
from anslut_simulators.population import default_population
from anslut_simulators.truth import Identity
from kosmos_caller import Caller
from small_country import ANNA, BABY, BABY_RESERVE, BO, SmallPersona, SmallPopulation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators import ControlClient, RunningRegion

_SCENARIOS = count(1)
ON_THE_LIST = {
    "TC3": "194911172296",
    "TC4": "198611062384",
    "TC5": "192011189228",
    "TC6": "194804032094",
}


@dataclass(frozen=True, kw_only=True)
class Troubled(SmallPersona):
    """A persona with standing faults."""

    faults: tuple[dict[str, Any], ...] = field(default=())


class TroubledPopulation(SmallPopulation):
    """The small country, where calls about Anna's notes and everything about the baby fail."""

    def personas(self) -> dict[str, SmallPersona]:
        """Return two personas with standing faults and one without."""
        told: dict[str, tuple[Identity, list[dict[str, Any]]]] = {
            "anna": (
                ANNA,
                [{"fault": "status", "system": "kosmos", "status": 403, "path": "/anteckningar"}],
            ),
            "baby": (BABY, [{"fault": "status", "system": "kosmos", "status": 500}]),
            "bo": (BO, []),
        }
        return {
            name: Troubled(name=name, sv=name, why="För prov.", rules=(), identity=who, faults=tuple(faults))
            for name, (who, faults) in told.items()
        }


@pytest.fixture(scope="module")
def troubled() -> Iterator[RunningRegion]:
    """Serve the small country with its troubles."""
    with serve_region(population=TroubledPopulation()) as running:
        yield running


@pytest.fixture(scope="module")
def fjallmark() -> Iterator[RunningRegion]:
    """Serve the region where the classic test persons live."""
    with serve_region() as running:
        yield running


@pytest.fixture
def control(fjallmark: RunningRegion) -> ControlClient:
    """Return a client of the control plane in a scenario of its own."""
    return fjallmark.control(f"klassiker-{next(_SCENARIOS)}")


def status(region: RunningRegion, who: Identity, resource: str) -> int:
    """Return what Kosmos answers about *resource* in a new scenario."""
    caller = Caller(region, f"staende-{next(_SCENARIOS)}")
    keys = region.parts.systems["kosmos"]._patient_keys  # type: ignore[attr-defined]
    key = keys(region.parts.scenarios.state(caller.scenario)).seal(who)
    return caller.get(f"/api/v2/patienter/{key}/{resource}").status_code


def test_a_standing_fault_strikes_its_person_and_path_alone(troubled: RunningRegion) -> None:
    """In every scenario, without anybody having asked; linked identities are the same person."""
    assert status(troubled, ANNA, "anteckningar") == 403
    assert status(troubled, ANNA, "diagnoser") == 200
    assert status(troubled, BO, "anteckningar") == 200
    assert status(troubled, BABY, "anteckningar") == 500
    assert status(troubled, BABY_RESERVE, "anteckningar") == 500


def test_a_standing_fault_goes_on_beside_what_a_tester_asks_for(troubled: RunningRegion) -> None:
    """Neither hides the other, clearing takes the tester's alone, and the journal tells them apart."""
    scenario = f"staende-{next(_SCENARIOS)}"
    control, caller = troubled.control(scenario), Caller(troubled, scenario)
    key = caller.key(ANNA)
    control.fault("status", status=502, path="diagnoser")
    notes = caller.get(f"/api/v2/patienter/{key}/anteckningar").status_code
    diagnoses = caller.get(f"/api/v2/patienter/{key}/diagnoser").status_code
    control.clear_faults()
    after = caller.get(f"/api/v2/patienter/{key}/anteckningar").status_code

    assert (notes, diagnoses, after) == (403, 502, 403)
    struck = [call.get("struckBy") for call in control.journal()[-3:]]
    assert struck == [["anna-1"], ["f1"], ["anna-1"]]


def test_an_ordinary_call_is_answered_once(troubled: RunningRegion, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only who has standing faults is asked about again."""
    system = troubled.parts.systems["kosmos"]
    answered: list[str] = []
    answer = type(system).answer

    def counted(self: Any, call: Any) -> Any:
        answered.append(call.path)
        return answer(self, call)

    monkeypatch.setattr(type(system), "answer", counted)
    status(troubled, BO, "anteckningar")

    assert len([path for path in answered if path.endswith("/anteckningar")]) == 1


def test_every_standing_fault_can_strike() -> None:
    """It is one that its system can have, over HTTP, and never one that counts calls: nobody would count them."""
    with serve_region() as region:
        systems = region.parts.systems
        standing = standing_faults(default_population(), region="fjallmark")
        faults = {fault for found in standing.values() for fault in found}

        assert len(faults) >= 5
        for fault in faults:
            system = systems[fault.system]
            assert not getattr(system, "is_direct", False)
            assert fault.fault in system.faults or fault.fault in {"status", "stall", "latency", "malformed"}
            assert fault.why_not(1) is None
            assert fault.patient_id is None


def test_every_role_is_played_and_the_known_numbers_are_kept() -> None:
    """TC1 to TC10, by role; the numbers on the official list are those they always had."""
    roles = classic_test_persons()

    assert list(roles) == [f"TC{number}" for number in range(1, 11)]
    numbers = {role: load_personas()[one.persona].identity.extension for role, one in roles.items()}
    assert {role: numbers[role] for role in ON_THE_LIST} == ON_THE_LIST
    assert {role for role, one in roles.items() if one.keeps_number} == set(ON_THE_LIST)
    assert all(role in load_personas()[one.persona].why for role, one in roles.items())
    assert (persona_name(" tc4 "), persona_name("TC10"), persona_name("Tom")) == ("tc4", "tc10", "tom")


def held(control: ControlClient, role: str) -> dict[str, set[str]]:
    """Return which types each system holds of the person who plays *role*."""
    found: dict[str, set[str]] = {}
    for event in control.truth(control.persona(role)):
        if event.state != "removed":
            found.setdefault(event.system, set()).add(event.type)
    return found


def kosmos(fjallmark: RunningRegion, control: ControlClient, role: str) -> tuple[Caller, Identity]:
    """Return a caller of Kosmos, and who plays *role*."""
    return Caller(fjallmark, control.scenario), Identity(**control.persona(role))


def test_tc1_has_entries_in_several_systems_and_tc2_in_none(control: ControlClient) -> None:
    """The two ordinary cases."""
    assert len(held(control, "TC1")) == 3
    assert held(control, "TC2") == {}


def test_tc3_loses_what_one_of_two_systems_had(control: ControlClient) -> None:
    """Whoever was told of both asks one of them in vain."""
    assert set(held(control, "TC3")) == {"kosmos", "vaxreg"}
    control.advance(3600)

    assert set(held(control, "TC3")) == {"kosmos"}


def test_tc4_waits_in_one_system_only(fjallmark: RunningRegion, control: ControlClient) -> None:
    """Kosmos answers, Vaxreg does not in time."""
    caller, who = kosmos(fjallmark, control, "TC4")
    assert caller.entries(who)
    base, login = (
        fjallmark.source_url("vaxreg", control.scenario),
        fjallmark.environment("vaxreg", control.scenario),
    )
    soap = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{}</e:Body></e:Envelope>'
    vaxreg = 'xmlns="urn:vaxreg:tjanster:7"'
    user, secret = login["ANSLUT_SOURCE_CLIENT_ID"], login["ANSLUT_SOURCE_CLIENT_SECRET"]
    enter = f"<LoggaIn {vaxreg}><anvandare>{user}</anvandare><losenord>{secret}</losenord></LoggaIn>"
    headers = {"Content-Type": "text/xml"}
    entered = requests.post(
        f"{base}/tjanster/inloggning", data=soap.format(enter), headers=headers, timeout=10
    ).text
    session = entered.partition("sessionsnyckel>")[2].partition("<")[0]
    number = f"{who.extension[:8]}-{who.extension[8:]}"
    search = f"<SokVaccinationer {vaxreg}><personnummer>{number}</personnummer></SokVaccinationer>"

    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{base}/tjanster/vaccinationer",
            data=soap.format(search),
            headers={**headers, "Authorization": f"Bearer {session}"},
            timeout=1,
        )


@pytest.mark.parametrize(("role", "expected"), [("TC5", 500), ("TC6", 403)])
def test_tc5_fails_and_tc6_is_refused(
    fjallmark: RunningRegion, control: ControlClient, role: str, expected: int
) -> None:
    """In the source's own words."""
    caller, who = kosmos(fjallmark, control, role)
    separator = "+" if int(who.extension[:4]) <= 1923 else "-"
    wanted = {"personnummer": f"{who.extension[2:8]}{separator}{who.extension[8:]}"}
    answer = caller.call("POST", "/api/v2/patienter/sok", json=wanted)

    assert answer.status_code == expected
    assert "fel" in answer.json()
    assert held(control, role)


def test_tc7_is_slow_and_right(fjallmark: RunningRegion, control: ControlClient) -> None:
    """A slow source is not a broken one."""
    caller, who = kosmos(fjallmark, control, "TC7")
    caller.log_in()
    key = caller.key(who)
    answer = caller.get(f"/api/v2/patienter/{key}/anteckningar")

    assert len(answer.json()["poster"]) == 1
    assert answer.elapsed.total_seconds() >= 2


def test_tc8_cannot_be_read(fjallmark: RunningRegion, control: ControlClient) -> None:
    """Whole by HTTP's measure, half by JSON's."""
    caller, who = kosmos(fjallmark, control, "TC8")
    wanted = {"personnummer": f"{who.extension[2:8]}-{who.extension[8:]}"}
    answer = caller.call("POST", "/api/v2/patienter/sok", json=wanted)

    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_tc9_has_three_categories_in_one_system(control: ControlClient) -> None:
    """One source, three engagements."""
    ((system, types),) = held(control, "TC9").items()

    assert (system, len(types)) == ("kosmos", 3)


def test_tc10_never_ends(fjallmark: RunningRegion, control: ControlClient) -> None:
    """Every page points to one more, and none of them says anything new."""
    caller, who = kosmos(fjallmark, control, "TC10")
    key, cursor, seen = caller.key(who), "", set()
    for _ in range(5):
        answer = caller.get(f"/api/v2/patienter/{key}/anteckningar?{cursor}").json()
        seen.add(answer["nasta"])
        cursor = f"markor={answer['nasta']}"

    assert None not in seen
    assert len(seen) == 1


def test_a_role_is_found_in_the_control_room(fjallmark: RunningRegion) -> None:
    """By role, and the person's page tells what stands in the way."""
    root = f"{fjallmark.base_url}/_sim/room/klassiker/"
    found = requests.post(f"{root}people", data={"wanted": "TC6"}, timeout=10).text
    page = requests.get(
        fjallmark.base_url + found.partition('<th scope="row"><a href="')[2].partition('"')[0], timeout=10
    ).text

    assert "tc6" in found
    assert "Stående fel" in page
    assert "status: 403" in page


def test_a_newborn_is_known_by_the_reserve_number_until_the_day_comes(
    fjallmark: RunningRegion, control: ControlClient
) -> None:
    """The personnummer comes at nine on the ninth day, while the world is watching."""
    persona = load_personas()["nyfodd"]
    before = {event.patient for event in control.truth(persona.identities[1])}
    unknown = control.truth(persona.identity)
    control.advance(6 * 86_400)
    after = {event.patient for event in control.truth(persona.identity)}

    assert before == {persona.identities[1]}
    assert unknown == []
    assert after == set(persona.identities)
    assert fjallmark.parts.region.name == persona.region
