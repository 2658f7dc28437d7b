"""Faults: asked for by name, bound to calls, repeatable."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut_simulators import ControlError
from anslut_simulators.faults.catalogue import catalogue
from anslut_simulators.faults.fault import Fault
from anslut_simulators.faults.strike import BEFORE, WIRE
from small_country import ANNA, BO

if TYPE_CHECKING:
    from anslut_simulators import ControlClient, RunningRegion
    from kosmos_caller import Caller

CODES = "/api/v2/koder/roller"


def _statuses(caller: Caller, count: int, path: str = CODES) -> list[int]:
    return [caller.get(path).status_code for _ in range(count)]


def test_a_status_with_retry_after(caller: Caller, control: ControlClient) -> None:
    """What a busy source says."""
    control.fault("status", status=503, retry_after=7)
    answer = caller.get(CODES) if caller.token else requests.get(f"{caller.base}{CODES}", timeout=20)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert "fel" in answer.json()


def test_the_nth_call_and_no_other(caller: Caller, control: ControlClient) -> None:
    """`nth` alone hits one call; with `times` that many from there."""
    caller.log_in()
    control.fault("status", path="koder", nth=2)
    control.fault("status", path="andringar", nth=2, times=2, status=502)

    assert _statuses(caller, 4) == [200, 500, 200, 200]
    assert _statuses(caller, 4, "/api/v2/andringar") == [200, 502, 502, 200]


def test_a_fault_for_one_person_spares_the_others(caller: Caller, control: ControlClient) -> None:
    """By key in a path and by number in a search."""
    anna, bo = caller.key(ANNA), caller.key(BO)
    control.fault("status", patient_id=ANNA)

    assert _statuses(caller, 1, f"/api/v2/patienter/{anna}/anteckningar") == [500]
    assert _statuses(caller, 1, f"/api/v2/patienter/{bo}/anteckningar") == [200]
    search = caller.call("POST", "/api/v2/patienter/sok", json={"personnummer": "900102-2384"})
    assert search.status_code == 500


def test_a_share_of_calls_is_drawn_from_the_seed() -> None:
    """The same seed strikes the same calls on every machine."""
    fault = Fault(fault="status", system="kosmos", probability=0.3, seed=7)
    hits = [number for number in range(1, 1001) if fault.hits(number)]

    assert hits[:5] == [1, 4, 6, 8, 9]
    assert 250 < len(hits) < 350
    assert hits != [number for number in range(1, 1001) if Fault(**{**_plain(fault), "seed": 8}).hits(number)]


def test_latency_is_slow_and_right(caller: Caller, control: ControlClient) -> None:
    """Late, but the whole answer."""
    caller.log_in()
    control.fault("latency", seconds=0.3)
    started = time.perf_counter()

    assert caller.get(CODES).status_code == 200
    assert time.perf_counter() - started >= 0.3


def test_a_stall_ends_in_a_gateway_timeout(caller: Caller, control: ControlClient) -> None:
    """Nobody waits so long; who does is told."""
    caller.log_in()
    control.fault("stall", seconds=0.2)

    assert caller.get(CODES).status_code == 504


def test_a_reset_gives_no_answer(caller: Caller, control: ControlClient) -> None:
    """The connection is torn down; the journal says status 0."""
    caller.log_in()
    control.fault("reset", times=1)
    with pytest.raises(requests.ConnectionError, match="ConnectionResetError"):
        caller.get(CODES)

    assert caller.get(CODES).status_code == 200
    assert [call["status"] for call in control.journal()][-2:] == [0, 200]


def test_a_truncated_answer_is_shorter_than_it_says(caller: Caller, control: ControlClient) -> None:
    """A careless client takes half for the whole."""
    caller.log_in()
    control.fault("truncate", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        caller.get(CODES)


def test_malformed_json_says_two_hundred(caller: Caller, control: ControlClient) -> None:
    """Whole by HTTP's measure, half by JSON's."""
    caller.log_in()
    control.fault("malformed")
    answer = caller.get(CODES)

    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_foreign_entry_carries_another_key(caller: Caller, control: ControlClient) -> None:
    """The worst of all: somebody else's entry, in good order."""
    key = caller.key(ANNA)
    control.fault("foreign-entry")
    page = caller.get(f"/api/v2/patienter/{key}/anteckningar").json()["poster"]

    assert [entry["id"] for entry in page if entry["patientnyckel"] != key] == ["bo-1"]


def test_an_entry_can_come_twice(caller: Caller, control: ControlClient) -> None:
    """One id, twice in a page."""
    key = caller.key(ANNA)
    control.fault("duplicate-ids")
    ids = [entry["id"] for entry in caller.get(f"/api/v2/patienter/{key}/anteckningar").json()["poster"]]

    assert len(ids) == len(set(ids)) + 1


def test_a_rate_limit_counts_calls_per_second(caller: Caller, control: ControlClient) -> None:
    """Three go through, the fourth waits."""
    caller.log_in()
    control.fault("rate-limit", per_second=3, retry_after=2)
    answers = [caller.get(CODES) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "2"


def test_faults_are_listed_and_cleared(caller: Caller, control: ControlClient) -> None:
    """What is wrong on purpose can be seen, and ended."""
    caller.log_in()
    fault_id = control.fault("status", patient_id=BO)

    assert [fault["id"] for fault in control.faults()] == [fault_id]
    control.clear_faults()
    assert control.faults() == []
    assert _statuses(caller, 1) == [200]


def test_the_index_can_fail_too(region: RunningRegion, control: ControlClient) -> None:
    """Nothing may be lost while the index is down."""
    control.fault("status", system="index", status=503, times=1)
    url = f"{region.index_url(control.scenario)}/v1/engagements"
    statuses = [requests.post(url, json={}, timeout=20).status_code for _ in range(2)]

    assert statuses == [503, 422]


@pytest.mark.parametrize(
    "order",
    [
        {"fault": "earthquake"},
        {"fault": "status", "system": "vaxreg"},
        {"fault": "status", "path": "("},
        {"fault": "status", "path": "(a+)+$"},
        {"fault": "status", "status": 200},
        {"fault": "status", "nth": 0},
        {"fault": "latency", "seconds": 1e9},
        {"fault": "status", "probability": 1.5},
        {"fault": "status", "unknown": 1},
        {"fault": "status", "seconds": 1},
        {"fault": "latency", "seconds": "1"},
        {"fault": "reset", "status": 500},
    ],
)
def test_an_impossible_fault_is_refused(control: ControlClient, order: dict[str, Any]) -> None:
    """A fault that can never strike would make a check pass for nothing."""
    with pytest.raises(ControlError) as refused:
        control.fault(**order)

    assert refused.value.status == 422


def test_every_fault_is_described_in_both_languages(region: RunningRegion) -> None:
    """The catalogue is the documentation: nothing in it that nobody does, nothing done that it lacks."""
    by_gate = {row["fault"] for row in catalogue() if row["by"] == "gate"}
    by_system = {row["fault"] for row in catalogue() if row["by"] == "system"}

    assert by_gate == {*BEFORE, *WIRE}
    assert all(system.faults <= by_system for system in region.parts.systems.values())
    assert all(row["sv"] and row["en"] for row in catalogue())


def test_a_fault_that_the_system_cannot_have_is_refused_with_those_it_can(control: ControlClient) -> None:
    """JSON has no entities to swell, and the index no entries to repeat."""
    for system, fault in (("kosmos", "entity-bomb"), ("index", "duplicate-ids")):
        with pytest.raises(ControlError) as refused:
            control.fault(fault, system=system)
        detail = refused.value.problem["detail"]
        assert refused.value.status == 422
        assert f"{system} cannot have {fault}; it can:" in detail
        assert "truncate" in detail
        assert ("foreign-entry" in detail) == (system == "kosmos")


def _plain(fault: Fault) -> dict[str, Any]:
    return {name: getattr(fault, name) for name in fault.__struct_fields__}


def test_the_journal_tells_why_a_fault_did_not_strike(caller: Caller, control: ControlClient) -> None:
    """A tester whose fault never strikes must not have to guess; calls to another system say nothing of it."""
    caller.log_in()
    orders: dict[str, dict[str, Any]] = {
        "path": {"path": "diagnoser"},
        "time": {"until": control.now()},
        "person": {"patient_id": ANNA},
        "nth": {"nth": 2},
        "probability": {"probability": 0},
    }
    ids = {control.fault("status", **order): why for why, order in orders.items()}
    control.fault("status", system="index")
    caller.get(CODES)
    caller.get(CODES)
    first, second = control.journal()[-2:]

    assert {miss["id"]: miss["why"] for miss in first["sparedBy"]} == ids
    assert first["struckBy"] == []
    assert second["struckBy"] == [name for name, why in ids.items() if why == "nth"]


def test_the_reasons_in_the_journal_are_bounded(caller: Caller, control: ControlClient) -> None:
    """A hundred faults do not make a line of a hundred reasons, and without faults there is nothing to say."""
    caller.log_in()
    caller.get(CODES)
    for _ in range(30):
        control.fault("status", path="diagnoser")
    caller.get(CODES)
    without, many = control.journal()[-2:]

    assert "sparedBy" not in without
    assert len(many["sparedBy"]) == 20


@pytest.mark.parametrize(
    ("more", "number", "why"),
    [
        ({"nth": 3}, 2, "nth"),
        ({"nth": 3}, 4, "nth"),
        ({"times": 2}, 3, "times"),
        ({"nth": 2, "times": 2}, 4, "times"),
        ({"every": 3}, 2, "every"),
        ({"probability": 0.0}, 1, "probability"),
        ({"nth": 3}, 3, None),
    ],
)
def test_what_in_a_fault_spares_a_call(more: dict[str, Any], number: int, why: str | None) -> None:
    """The word is that of the fault's own field."""
    assert Fault(fault="status", system="kosmos", **more).why_not(number) == why
