"""When a fault strikes: by the scenario's clock, by the call's number, by a draw."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from anslut_simulators import ControlError
from anslut_simulators.faults.fault import Fault
from anslut_simulators.scenario import STOCKHOLM
from plain_system import ask

if TYPE_CHECKING:
    from anslut_simulators import ControlClient

MONDAY = datetime(2023, 11, 20, tzinfo=STOCKHOLM)


def _fault(**more: Any) -> Fault:
    return msgspec.convert({"fault": "reset", "system": "plain", **more}, Fault)


def _hours(fault: Fault, *, days: int = 1, start: datetime = MONDAY) -> list[int]:
    return [hour for hour in range(24 * days) if fault.is_time(start + timedelta(hours=hour))]


def test_a_time_of_day() -> None:
    """The end is not part of it."""
    assert _hours(_fault(daily="02:00-04:00")) == [2, 3]
    assert not _fault(daily="02:00-04:00").is_time(MONDAY + timedelta(hours=4))
    assert _fault(daily="02:00-04:00").is_time(MONDAY + timedelta(hours=3, minutes=59, seconds=59))


def test_a_time_of_day_over_midnight() -> None:
    """The night belongs to the day on which it begins."""
    assert _hours(_fault(daily="22:00-02:00")) == [0, 1, 22, 23]
    assert _hours(_fault(daily="22:00-02:00", weekdays=[1]), days=2) == [22, 23, 24, 25]
    assert _hours(_fault(daily="00:00-00:00")) == list(range(24))


def test_a_weekday() -> None:
    """1 is Monday."""
    assert _hours(_fault(weekdays=[2]), days=7) == list(range(24, 48))
    assert _hours(_fault(weekdays=[1, 7], daily="09:00-10:00"), days=7) == [9, 6 * 24 + 9]


def test_the_time_of_day_is_swedish_in_summer_too() -> None:
    """On a wall clock: the hour is the same, the offset another."""
    july = datetime(2024, 7, 1, 2, 30, tzinfo=STOCKHOLM)

    assert _fault(daily="02:00-03:00").is_time(july)


def test_since_and_until() -> None:
    """The first instant is in, the last is not."""
    since, until = "2023-11-20T01:00:00+01:00", "2023-11-20T02:00:00Z"

    assert _hours(_fault(since=since, until=until)) == [1, 2]
    assert _hours(_fault(since=since)) == list(range(1, 24))
    assert _hours(_fault(until=until)) == [0, 1, 2]


def test_a_cycle_is_down_for_so_long_and_up_for_the_rest() -> None:
    """Counted from 1970, so that every worker and every run agrees."""
    fault = _fault(cycleSeconds=60, downSeconds=20)
    down = [fault.is_time(MONDAY + timedelta(seconds=second)) for second in range(120)]

    assert down == ([True] * 20 + [False] * 40) * 2


def test_every_so_many_calls() -> None:
    """Flapping by the calls' numbers: exact on a frozen clock too."""

    def struck(**more: int) -> list[int]:
        return [number for number in range(1, 13) if _fault(**more).hits(number)]

    assert struck(every=4) == [1, 5, 9]
    assert struck(every=4, nth=3, times=2) == [3, 4, 7, 8, 11, 12]
    assert struck(nth=3) == [3]
    assert struck(nth=3, times=2) == [3, 4]
    assert struck(times=2) == [1, 2]
    assert struck() == list(range(1, 13))


def test_probability_chooses_among_the_candidates_only() -> None:
    """A share of the struck run, never a call outside it."""
    fault = _fault(every=10, times=5, probability=0.5, seed=4)
    struck = [number for number in range(1, 2001) if fault.hits(number)]

    assert all((number - 1) % 10 < 5 for number in struck)
    assert 400 < len(struck) < 600


def test_a_window_opens_and_closes_as_the_clock_moves(plain: ControlClient) -> None:
    """Over a socket: the scenario's clock decides, and a call outside the window is not counted."""
    plain.fault("status", system="plain", status=503, daily="22:00-04:00", times=2)
    statuses = [ask(plain).status]
    plain.advance(15 * 3600)  # 23:00
    statuses.append(ask(plain).status)
    plain.advance(4 * 3600)  # 03:00
    statuses += [ask(plain).status, ask(plain).status]
    plain.advance(2 * 3600)  # 05:00
    statuses.append(ask(plain).status)

    assert statuses == [200, 503, 503, 200, 200]


def test_a_flapping_source(plain: ControlClient) -> None:
    """Up, down, up, down: the reset leaves the next connection whole."""
    plain.fault("reset", system="plain", every=3, times=2)

    assert [ask(plain).was_reset for _ in range(7)] == [True, True, False, True, True, False, True]


@pytest.mark.parametrize(
    ("order", "place"),
    [
        ({"daily": "2:00-04:00"}, "daily"),
        ({"daily": "02:00-24:00"}, "daily"),
        ({"daily": "02:00"}, "daily"),
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [0]}, "weekdays"),
        ({"weekdays": [8]}, "weekdays"),
        ({"since": "2023-11-20T01:00:00"}, "since"),
        ({"since": "i morgon"}, "since"),
        ({"since": "2023-11-21T00:00:00Z", "until": "2023-11-20T00:00:00Z"}, "until"),
        ({"cycle_seconds": 60}, "cycleSeconds"),
        ({"down_seconds": 60}, "cycleSeconds"),
        ({"cycle_seconds": 60, "down_seconds": 60}, "downSeconds"),
        ({"every": 1}, "every"),
        ({"every": 3, "times": 3}, "every"),
        ({"every": 0}, "every"),
    ],
)
def test_an_impossible_time_is_refused_with_its_place(
    plain: ControlClient, order: dict[str, Any], place: str
) -> None:
    """A fault that never strikes, or always, makes a check pass for nothing."""
    with pytest.raises(ControlError) as refused:
        plain.fault("reset", system="plain", **order)

    assert refused.value.status == 422
    assert place in refused.value.problem["detail"]
    assert plain.faults() == []
