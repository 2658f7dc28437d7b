"""Elevjournal as a system: where it says it is, what it cannot hold, and how its weeks and rows are made."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut_simulators import ControlError, RunningRegion, serve_region
from anslut_simulators.elevjournal.databases import SqliteDatabase
from anslut_simulators.elevjournal.render import in_school_weeks
from anslut_simulators.elevjournal.replica import school_weeks
from anslut_simulators.population import default_population

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANNA = default_population().personas()["elev-anna"].identities[0]


@pytest.fixture(scope="module")
def region() -> Iterator[RunningRegion]:
    """Serve the region once."""
    with serve_region("fjallmark") as running:
        yield running


def rows(address: str, statement: str) -> list[Any]:
    """Return what *statement* selects in the replica at *address*."""
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection:
        return connection.execute(statement).fetchall()


def test_its_address_is_told_over_http_and_nothing_else(region: RunningRegion) -> None:
    """The root tells where the rows are; every other path says that they are read over SQL."""
    base = f"{region.base_url}/s/adress/elevjournal"
    told = requests.get(f"{base}/", timeout=20).json()["adress"]

    assert told == region.source_url("elevjournal", "adress")
    assert rows(told, "SELECT lage FROM replika_status") == [("klar",)]
    refused = requests.get(f"{base}/elev", timeout=20)
    assert refused.status_code == 404
    assert "SQL" in refused.json()["fel"]


def test_scenarios_have_replicas_of_their_own(region: RunningRegion) -> None:
    """What one tester writes is in no other tester's rows."""
    one, other = (region.source_url("elevjournal", name) for name in ("ena", "andra"))
    region.control("ena").write(type="growth-observations", system="elevjournal", patient_id=ANNA)

    counted = 'SELECT COUNT(*) FROM "fjallbo.matning"'
    assert rows(one, counted)[0][0] == rows(other, counted)[0][0] + 1


def test_a_lock_waits_for_a_reader_under_way(tmp_path: Path) -> None:
    """A connector that looks for changes just then must not make the fault fail; afterwards nobody reads."""
    database = SqliteDatabase(tmp_path / "replica.sqlite")
    with database.write() as transaction:
        transaction.execute("CREATE TABLE skola (namn)")
    reader = sqlite3.connect(tmp_path / "replica.sqlite", timeout=0, check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM skola").fetchall()
    done = threading.Timer(0.3, reader.close)
    done.start()

    database.lock()
    done.join()
    with (
        pytest.raises(sqlite3.OperationalError, match="locked"),
        closing(sqlite3.connect(tmp_path / "replica.sqlite", timeout=0)) as late,
    ):
        late.execute("SELECT * FROM skola")
    database.give_back()
    assert rows(f"sqlite:///{tmp_path / 'replica.sqlite'}", "SELECT * FROM skola") == []
    database.remove()


def test_what_the_tables_cannot_hold_is_refused(region: RunningRegion) -> None:
    """A measurement needs a role with a code; a unit must be one of the region's."""
    control = region.control("nekas")
    with pytest.raises(ControlError, match="code lists lack"):
        control.write(
            type="growth-observations",
            system="elevjournal",
            patient_id=ANNA,
            author={"name": "Någon", "role": {"original_text": "Elevassistent"}},
        )


def test_old_measurements_are_in_millimetres_and_weeks(region: RunningRegion) -> None:
    """Norrsele wrote whole numbers as text without a unit; nobody kept the dates of the first years."""
    address = region.source_url("elevjournal", "aldre")
    old = rows(
        address, "SELECT varde, enhet FROM \"norrsele.matning\" WHERE typ = 1 AND reg_tid < '2018-07-01'"
    )
    new = rows(
        address, "SELECT varde, enhet FROM \"norrsele.matning\" WHERE typ = 1 AND reg_tid > '2018-07-01'"
    )

    assert old
    assert all(value.isdigit() and unit is None for value, unit in old)
    assert {unit for _, unit in new} == {"cm"}
    assert any("," in value for value, _ in new)
    undated = rows(address, 'SELECT lasar_id, vecka, veckodag FROM "norrsele.besok" WHERE datum IS NULL')
    assert undated
    assert max(year for year, _, _ in undated) == 2014


def test_a_keyword_with_a_text_and_a_keyword_below_it_is_one_row(region: RunningRegion) -> None:
    """What stands below points at it; a second, empty row of the same name would be another heading."""
    address = region.source_url("elevjournal", "sokord")
    twice = rows(
        address,
        'SELECT anteckning_id, over_nr, sokord, uppgift_av FROM "fjallbo.sokord" '
        "GROUP BY 1, 2, 3, 4 HAVING COUNT(*) > 1",
    )
    below = rows(address, 'SELECT COUNT(*) FROM "fjallbo.sokord" WHERE over_nr IS NOT NULL')

    assert twice == []
    assert below[0][0] > 0


def test_every_school_day_can_be_found_by_its_week() -> None:
    """Year, week and weekday lead back to the day, over New Year and in years of 53 weeks too."""
    day = date(2010, 8, 9)
    while day < date(2024, 7, 1):
        year, week, weekday = in_school_weeks(day)
        mondays = {number: monday for _, number, monday in school_weeks(year)}
        if day.month < 7 or (day.month, day.day) > (8, 8):  # schools are closed in July
            assert date.fromisoformat(mondays[week]) + timedelta(days=weekday - 1) == day
        day += timedelta(days=1)


@pytest.mark.slow
def test_a_running_clock_carries_the_replica_along() -> None:
    """Nobody calls Elevjournal, so it must look at the clock by itself."""
    with serve_region("fjallmark", mode="running") as running:
        address = running.source_url("elevjournal", "gar")
        first = rows(address, "SELECT avser FROM replika_status")
        for _ in range(100):
            if rows(address, "SELECT avser FROM replika_status") != first:
                break
            time.sleep(0.1)
        else:
            pytest.fail("the replica stands still although the clock runs")
