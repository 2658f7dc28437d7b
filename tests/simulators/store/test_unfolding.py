"""Every change of a record is found at its very second, however often somebody looks."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.truth import Actor
from anslut_simulators.unfolding import turns_between
from msgspec.structs import replace
from small_country import ANNA, BO, START, STOCKHOLM, laboratory, note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.truth import Event

ZERO = int(START.timestamp())
HOUR = 3600


def at(second: int) -> datetime:
    """Return the instant *second* seconds after the start."""
    return datetime.fromtimestamp(ZERO + second, STOCKHOLM)


def by(second: int) -> Actor:
    """Return somebody who did something then."""
    return Actor(time=at(second), name="Disa Läkare")


def told(second: int) -> Mapping[str, Event]:
    """Tell a record: a note that is corrected, a draft, a wrong person's note, a culture, a doomed note."""
    now = second - ZERO
    record: list[Event] = []
    first = note("rattad", ANNA, START, author=by(HOUR), signature=by(2 * HOUR) if now >= 2 * HOUR else None)
    if now >= 5 * HOUR:
        first = replace(first, author=by(5 * HOUR), revisions=(at(HOUR),), title="Rättad")
    if now >= 5 * HOUR + 60:
        first = replace(first, signature=by(5 * HOUR + 60))
    if now >= HOUR:
        record.append(first)
    if now >= 3 * HOUR:
        draft = note("utkast", ANNA, START, author=by(3 * HOUR), signature=None)
        record.append(replace(draft, state="entered" if now >= 30 * HOUR + 7 else "draft"))
    wrong = note("flyttad", ANNA, START, author=by(-HOUR), signature=None)
    record.append(replace(wrong, patient=BO) if now >= 11 * HOUR + 13 else wrong)
    if now >= 4 * HOUR:
        answer = replace(laboratory("odling", ANNA, START), author=by(4 * HOUR), signature=None)
        if now >= 20 * HOUR:
            done = answer.content.finalised() if answer.content is not None else None
            answer = replace(answer, author=by(20 * HOUR), revisions=(at(4 * HOUR),), content=done)
            answer = replace(answer, signature=by(20 * HOUR))
        record.append(replace(answer, countersignature=by(26 * HOUR)) if now >= 26 * HOUR else answer)
    if now >= 6 * HOUR:
        record.append(note("snabb", ANNA, START, author=by(6 * HOUR), signature=by(6 * HOUR)))
    doomed = note("bort", ANNA, START, author=by(-2 * HOUR), signature=by(-HOUR))
    if now < 40 * HOUR:
        record.append(replace(doomed, state="removed") if now >= 17 * HOUR + 41 else doomed)
    return {event.id: event for event in record}


LIFE = [
    (HOUR, "rattad", "skapad", ANNA),
    (2 * HOUR, "rattad", "signerad", ANNA),
    (3 * HOUR, "utkast", "skapad", ANNA),
    (4 * HOUR, "odling", "skapad", ANNA),
    (5 * HOUR, "rattad", "andrad", ANNA),
    (5 * HOUR + 60, "rattad", "signerad", ANNA),
    (6 * HOUR, "snabb", "skapad", ANNA),
    (6 * HOUR, "snabb", "signerad", ANNA),
    (11 * HOUR + 13, "flyttad", "flyttad_harifran", ANNA),
    (11 * HOUR + 13, "flyttad", "flyttad_hit", BO),
    (17 * HOUR + 41, "bort", "borttagen", ANNA),
    (20 * HOUR, "odling", "andrad", ANNA),
    (20 * HOUR, "odling", "signerad", ANNA),
    (26 * HOUR, "odling", "vidimerad", ANNA),
    (30 * HOUR + 7, "utkast", "andrad", ANNA),
    (40 * HOUR, "bort", "borttagen", ANNA),
]


def _seen(looks: list[int]) -> list[tuple[object, ...]]:
    """Return what somebody who looks at these seconds is told, in order of time."""
    turns = [
        turn
        for first, last in pairwise(looks)
        for turn in sorted(turns_between(told, ZERO + first, ZERO + last), key=lambda turn: turn.at)
    ]
    return [(turn.at - ZERO, turn.event_id, turn.kind, turn.person) for turn in turns]


def test_each_change_is_told_at_its_second() -> None:
    """Written, signed, corrected, signed anew; preliminary, final, verified; moved; finished; removed."""
    assert _seen([0, 50 * HOUR]) == LIFE


@pytest.mark.parametrize("step", [1, 2, 7, 11 * HOUR + 13, 17 * HOUR + 40, 17 * HOUR + 41, HOUR, 24 * HOUR])
def test_how_often_one_looks_changes_nothing(step: int) -> None:
    """A leap of two days and a tick a second tell the same; an hour around each change is looked at closely."""
    looks = {0, 50 * HOUR, *range(0, 50 * HOUR, max(step, HOUR // 4))}
    looks |= {change + near for change, *_ in LIFE for near in range(-2 * min(step, 9), 10, min(step, 9))}

    assert _seen(sorted(look for look in looks if look >= 0)) == LIFE


def test_nothing_is_told_twice_or_before_its_time() -> None:
    """The first second is the reader's already; the last is told."""
    assert _seen([HOUR, 2 * HOUR - 1]) == []
    assert _seen([HOUR - 1, HOUR]) == LIFE[:1]
    assert _seen([HOUR, 2 * HOUR]) == LIFE[1:2]


def test_a_quiet_record_is_asked_twice() -> None:
    """Most people's days bring nothing, and must cost next to nothing."""
    asked: list[int] = []

    def quiet(second: int) -> Mapping[str, Event]:
        asked.append(second)
        return {"bo-1": note("bo-1", BO, START - timedelta(days=9))}

    assert turns_between(quiet, ZERO, ZERO + 365 * 24 * HOUR) == []
    assert len(asked) == 2
