"""Scenarios: worlds beside each other, with clocks that never go back and resets that cost nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from anslut_simulators import ControlError, serve_region
from anslut_simulators.country import default_population
from anslut_simulators.overlay import Records, Step
from anslut_simulators.scenario import Scenarios, is_name
from anslut_simulators.store import open_store
from small_country import BO, START, SmallPopulation

if TYPE_CHECKING:
    from pathlib import Path

    from anslut_simulators import ControlClient, RunningRegion
    from anslut_simulators.truth import Event


def test_a_scenario_begins_at_the_worlds_start_and_stands_still(control: ControlClient) -> None:
    """Tests must see the same world every time."""
    assert control.now() == START
    assert control.now() == START


def test_the_clock_goes_forward_only(control: ControlClient) -> None:
    """Going back would unwrite what was written: reset instead."""
    control.advance(60)
    with pytest.raises(ControlError) as back:
        control.set_clock(START)
    with pytest.raises(ControlError) as negative:
        control.advance(-1)

    assert (back.value.status, negative.value.status) == (409, 409)
    assert control.now() == START + timedelta(seconds=60)


def test_a_running_clock_follows_the_machines() -> None:
    """Seconds of the machine are seconds of the scenario, from where it stood."""
    real = [1_000_000_000_000_000]
    with serve_region(population=SmallPopulation(), real_us=lambda: real[0]) as region:
        control = region.control("rinnande")
        control.set_clock(mode="running")
        real[0] += 90_500_000
        assert control.now() == START + timedelta(seconds=90)
        control.set_clock(mode="frozen")
        real[0] += 90_500_000
        assert control.now() == START + timedelta(seconds=90)


def test_a_scaled_clock_runs_faster_or_slower_and_never_jumps() -> None:
    """A week of care in ten minutes; a change of scale begins where the clock stands."""
    real = [1_000_000_000_000_000]
    with serve_region(population=SmallPopulation(), real_us=lambda: real[0]) as region:
        control = region.control("fart")
        control.set_clock(mode="running", scale=1000)
        real[0] += 60_000_000
        assert control.now() == START + timedelta(seconds=60_000)
        control.set_clock(scale=0.5)
        real[0] += 60_000_000
        assert control.now() == START + timedelta(seconds=60_030)
        control.reset()
        control.set_clock(mode="running")
        real[0] += 7_000_000
        assert control.now() == START + timedelta(seconds=7)
        for wrong in (0, -1, 1e9):
            with pytest.raises(ControlError, match="422"):
                control.set_clock(scale=wrong)


def test_scenarios_do_not_see_each_other(region: RunningRegion, control: ControlClient) -> None:
    """Several testers share one region."""
    control.write(type="diagnoses", patient_id=BO)
    control.fault("status")
    control.advance(60)
    other = region.control("prov-nagon-annans")

    assert other.truth(BO, "diagnoses") == []
    assert other.faults() == []
    assert other.now() == START


def test_a_reset_forgets_everything(control: ControlClient) -> None:
    """Writes, faults, clock, journal, index: a new generation is untouched."""
    control.write(type="diagnoses", patient_id=BO)
    control.fault("status")
    control.advance(60)
    before = control.reset()

    assert control.truth(BO, "diagnoses") == []
    assert (control.faults(), control.journal(), control.now()) == ([], [], START)
    assert control.index() == {"engagements": [], "transactions": [], "refusals": []}
    assert control.reset() == before + 1


def test_a_reset_costs_the_same_whatever_was_written(tmp_path: Path) -> None:
    """A new number is written; what is old goes bit by bit."""
    store = open_store(tmp_path / "state", region="fjallmark")
    scenarios = Scenarios(store, start=START)
    records = Records(SmallPopulation(), scenarios, region="fjallmark")
    event = SmallPopulation().histories[BO][0]
    with scenarios.write("full") as (connection, _):
        connection.executemany(
            "INSERT INTO entry VALUES ('full', 1, ?, 'x', 'diagnoses', 1, x'')",
            [(f"p{number}",) for number in range(50_000)],
        )
    scenarios.reset("full")
    with store.write() as connection:
        (left,) = connection.execute("SELECT count(*) FROM entry").fetchone()
    records.record("full", steps=[Step(person=BO, event=event, kind="skapad")])

    assert scenarios.state("full").generation == 2
    assert len(scenarios.state("full").touched) == 1
    assert left > 40_000
    store.close()


def test_another_worker_sees_what_this_one_wrote(tmp_path: Path) -> None:
    """Two workers on one file agree at the next call, without asking the database in between."""
    population = SmallPopulation()
    stores = [open_store(tmp_path / "state", region="fjallmark") for _ in range(2)]
    scenarios = [Scenarios(store, start=START) for store in stores]
    records = [Records(population, one, region="fjallmark") for one in scenarios]
    event: Event = population.histories[BO][0]
    assert scenarios[1].state("delad").touched == frozenset()
    records[0].record("delad", steps=[Step(person=BO, event=event, kind="skapad")])
    scenarios[0].set_clock("delad", now=START + timedelta(days=1))

    assert len(scenarios[1].state("delad").touched) == 1
    assert scenarios[1].now("delad") == START + timedelta(days=1)
    for store in stores:
        store.close()


def test_an_untouched_person_costs_no_query(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of answers a second, with the overlay reachable."""
    store = open_store(tmp_path / "state", region="fjallmark")
    scenarios = Scenarios(store, start=START)
    records = Records(SmallPopulation(), scenarios, region="fjallmark")
    scenarios.state("prov")
    asked: list[str] = []
    real = store.read
    monkeypatch.setattr(
        store, "read", lambda statement, values=(): asked.append(statement) or real(statement, values)
    )
    events = records.events(
        scenarios.state("prov"), BO, "care-documentation", system="kosmos", until=scenarios.now("prov")
    )

    assert (len(events), asked) == (1, [])
    store.close()


def test_writes_survive_a_restart(tmp_path: Path) -> None:
    """With a state file, tomorrow begins where today ended."""
    state = tmp_path / "land.sqlite"
    with serve_region(population=SmallPopulation(), state=state) as region:
        event = region.control("kvar").write(type="diagnoses", patient_id=BO)
    with serve_region(population=SmallPopulation(), state=state) as region:
        assert [kept.id for kept in region.control("kvar").truth(BO, "diagnoses")] == [event.id]


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("demo", True),
        ("a", True),
        ("prov-12", True),
        ("", False),
        ("Demo", False),
        ("-a", False),
        ("a-", False),
        ("a/b", False),
        ("å", False),
        ("a" * 65, False),
        ("199001022384", False),
        ("demo\n", False),
    ],
)
def test_names_of_scenarios(name: str, good: bool) -> None:  # noqa: FBT001 - what is expected
    """Names stand in URLs: nothing that needs quoting, nothing that could be a number."""
    assert is_name(name) is good


def test_the_shipped_population_serves_too() -> None:
    """The real country, not only the small one."""
    with serve_region() as region:
        control = region.control("riktig")
        personas = {persona["name"]: persona for persona in control.personas()}
        anna = personas["anna-vuxen"]

        assert len(control.truth(anna["patientId"], "care-documentation")) > 3
        assert set(personas) == set(default_population().personas())
