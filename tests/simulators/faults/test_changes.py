"""A change feed that is late, repeats itself or tells in the wrong order: index notifications go wrong there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from small_country import ANNA, BO

if TYPE_CHECKING:
    from anslut_simulators import ControlClient
    from kosmos_caller import Caller


def _feed(caller: Caller, after: int = 0, at_most: int = 100) -> tuple[list[int], int]:
    answer: dict[str, Any] = caller.get(f"/api/v2/andringar?efter={after}&antal={at_most}").json()
    return [row["lopnr"] for row in answer["handelser"]], answer["senaste"]


def _write(control: ControlClient, *minutes: int) -> None:
    for pause in minutes:
        control.advance(pause * 60)
        control.write(type="diagnoses", patient_id=ANNA if pause % 2 else BO)


def test_a_late_feed_tells_later_and_loses_nothing(caller: Caller, control: ControlClient) -> None:
    """What is not told yet is not counted either: who follows the numbers gets everything in the end."""
    _write(control, 1, 1, 30)
    control.fault("late-changes", seconds=600)

    assert _feed(caller) == ([1, 2], 2)
    assert _feed(caller, after=2) == ([], 2)
    control.advance(600)
    assert _feed(caller, after=2) == ([3], 3)


def test_a_late_feed_that_knows_nothing_stays_where_the_reader_is(
    caller: Caller, control: ControlClient
) -> None:
    """A number below the reader's would say that the source was restored."""
    _write(control, 5)
    control.fault("late-changes", seconds=3600)

    assert _feed(caller) == ([], 0)


def test_a_doubled_change_comes_twice_in_a_row(caller: Caller, control: ControlClient) -> None:
    """At least once is what most feeds promise."""
    _write(control, 1, 1, 1)
    control.fault("doubled-changes", seed=2)
    told = [_feed(caller) for _ in range(6)]

    for numbers, latest in told:
        assert (len(numbers), sorted(set(numbers)), latest) == (4, [1, 2, 3], 3)
        assert numbers == sorted(numbers)
    assert len({tuple(numbers) for numbers, _ in told}) > 1


def test_reordered_changes_are_all_there_in_another_order(caller: Caller, control: ControlClient) -> None:
    """Two changes change places; every call draws anew."""
    _write(control, *[1] * 8)
    control.fault("reordered-changes", seed=1)
    first, second = _feed(caller)[0], _feed(caller)[0]

    assert sorted(first) == sorted(second) == list(range(1, 9))
    assert first != list(range(1, 9))
    assert first != second
    assert _feed(caller, after=6)[0] == [8, 7]
    assert _feed(caller, after=7)[0] == [8]


def test_an_empty_feed_cannot_be_spoilt(caller: Caller, control: ControlClient) -> None:
    """Nothing to tell twice, or late, or in another order."""
    for fault in ("doubled-changes", "late-changes", "reordered-changes"):
        control.fault(fault)

    assert _feed(caller) == ([], 0)
