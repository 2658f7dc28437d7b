"""Scenarios: a name with a generation, a clock and what was changed; one tester's world beside another's.

A scenario needs no creation: an untouched name is generation 1 at the world's first instant.
"""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, cast
from zoneinfo import ZoneInfo

from anslut_simulators.faults.reading import read_fault
from anslut_simulators.problems import ProblemError, invalid
from anslut_simulators.store import sweep
from anslut_simulators.truth import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut_simulators.faults.fault import Fault
    from anslut_simulators.store import Connection, Mark, Store

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
Mode = Literal["frozen", "running"]
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\Z")
_SECOND_US: Final = 1_000_000
_USUAL_SPEED: Final = 1_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2150, 1, 1, tzinfo=UTC)


def is_name(text: str) -> bool:
    """Tell whether *text* may name a scenario: 1 to 64 of a-z, 0-9 and hyphen, and no long run of digits."""
    # Eight digits in a row could be a birth date: names stand in URLs, where no person's number may stand.
    return _NAME.match(text) is not None and re.search(r"\d{6}", text) is None


def person_key(identity: Identity) -> str:
    """Return the key of *identity* in the database."""
    return f"{identity.root}|{identity.extension}"


def identity_of_key(key: str) -> Identity:
    """Return the identity whose key in the database is *key*."""
    root, _, extension = key.partition("|")
    return Identity(root=root, extension=extension)


def real_now_us() -> int:
    """Return the machine's own time in microseconds since 1970."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a worker needs to know about one scenario to answer a call; a snapshot, cheap to hold.

    *speed* is how many of the scenario's seconds pass in a thousand of the machine's, while the clock runs.
    """

    name: str
    generation: int
    mode: Mode
    now_us: int
    anchor_us: int
    tokens_after_us: int
    speed: int
    faults: tuple[Fault, ...]
    touched: frozenset[str]
    last_number: int

    def now(self, real_us: int) -> datetime:
        """Return the scenario's clock: whole seconds, in Stockholm, when the machine's is *real_us*."""
        seconds = (self.now_us + _passed(self.mode, self.anchor_us, self.speed, real_us)) // _SECOND_US
        return datetime.fromtimestamp(seconds, STOCKHOLM)


class Scenarios:
    """All scenarios of one region, read through a snapshot that is renewed when somebody has written."""

    def __init__(
        self,
        store: Store,
        *,
        start: datetime,
        mode: Mode = "frozen",
        real_us: Callable[[], int] = real_now_us,
    ) -> None:
        self.store = store
        self.real_us = real_us
        self._start_us = (start - _EPOCH) // timedelta(microseconds=1)
        self._mode: Mode = mode
        self.start = start
        self._born_us = self._birth()
        self._states: dict[str, tuple[Mark, State]] = {}

    def state(self, name: str) -> State:
        """Return the present snapshot of scenario *name*."""
        mark = self.store.mark(name)
        known = self._states.get(name)
        if known is not None and known[0] == mark:
            return known[1]
        return self._refreshed(name, mark)

    @contextmanager
    def write(self, name: str, *, seen_by_all: bool = True) -> Iterator[tuple[Connection, int]]:
        """Give a transaction that nobody else has in scenario *name*, in any worker, and its generation.

        What only the writer needs is written with *seen_by_all* false, and no worker re-reads the scenario.
        """
        try:
            with self.store.write(seen_by_all=seen_by_all) as connection:
                connection.execute(
                    "INSERT INTO scenario VALUES (?, 1, 0, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
                    (name, self._mode, self._start_us, self._born_us, _USUAL_SPEED),
                )
                row = connection.execute(
                    "UPDATE scenario SET version = version + ? WHERE name = ? RETURNING generation",
                    (int(seen_by_all), name),
                ).fetchone()
                yield connection, int(row[0])
        except BaseException:
            self._states.pop(name, None)  # it may hold what was never committed
            raise

    @contextmanager
    def alone(self, name: str) -> Iterator[State]:
        """Let the block read scenario *name* and then write what follows from it, with nobody in between."""
        with self.write(name):
            yield self._refreshed(name, self.store.mark(name))

    def names(self) -> list[str]:
        """Return the scenarios that somebody has touched, in order of name."""
        return [str(row[0]) for row in self.store.read("SELECT name FROM scenario ORDER BY name")]

    def now(self, name: str) -> datetime:
        """Return the clock of scenario *name*."""
        return self.state(name).now(self.real_us())

    def reset(self, name: str) -> int:
        """Begin a new generation of scenario *name* at the world's first instant and return its number."""
        with self.write(name) as (connection, generation):
            connection.execute(
                "UPDATE scenario SET generation = ?, mode = ?, now_us = ?, anchor_us = ?, tokens_after_us = 0,"
                " speed = ? WHERE name = ?",
                (generation + 1, self._mode, self._start_us, self.real_us(), _USUAL_SPEED, name),
            )
            sweep(connection, scenario=name, generation=generation + 1)
        return generation + 1

    def set_clock(
        self,
        name: str,
        *,
        now: datetime | None = None,
        mode: Mode | None = None,
        scale: float | None = None,
    ) -> datetime:
        """Move the clock of scenario *name* to *now*, or change how it runs; refuse to go back (409).

        *scale* is how many of its seconds pass in one of the machine's while it runs: 0.001 to 100 000.
        """
        with self.write(name) as (connection, _):
            real = self.real_us()
            old_mode, old_now, anchor, old_speed = connection.execute(
                "SELECT mode, now_us, anchor_us, speed FROM scenario WHERE name = ?", (name,)
            ).fetchone()
            present = old_now + _passed(old_mode, anchor, old_speed, real)
            speed = old_speed if scale is None else _speed(scale)
            wanted = present if now is None else _microseconds(now)
            if wanted // _SECOND_US < present // _SECOND_US:
                raise ProblemError(
                    409, "clock-backwards", "The clock never goes backwards", detail="Reset instead."
                )
            connection.execute(
                "UPDATE scenario SET mode = ?, now_us = ?, anchor_us = ?, speed = ? WHERE name = ?",
                (mode or old_mode, wanted, real, speed, name),
            )
        return self.now(name)

    def advance(self, name: str, seconds: int) -> datetime:
        """Move the clock of scenario *name* forward by *seconds*."""
        if seconds < 0:
            raise ProblemError(
                409, "clock-backwards", "The clock never goes backwards", detail="Reset instead."
            )
        if seconds > 200 * 365 * 86_400:
            raise invalid("seconds: at most 200 years")
        with self.alone(name) as state:
            now = state.now(self.real_us()) + timedelta(seconds=seconds)
            return self.set_clock(name, now=now)

    def expire_tokens(self, name: str) -> None:
        """Make every token issued so far in scenario *name* invalid."""
        with self.write(name) as (connection, _):
            connection.execute(
                "UPDATE scenario SET tokens_after_us = ? WHERE name = ?", (self.real_us(), name)
            )

    def _birth(self) -> int:
        """Return the machine's time when the region was first served: workers' untouched clocks agree."""
        with self.store.write(seen_by_all=False) as connection:
            connection.execute(
                "INSERT INTO world VALUES ('born_us', ?) ON CONFLICT DO NOTHING", (self.real_us(),)
            )
            row = connection.execute("SELECT value FROM world WHERE name = 'born_us'").fetchone()
        return int(row[0])

    def _refreshed(self, name: str, mark: Mark) -> State:
        """Return the snapshot read after *mark*; if somebody writes meanwhile, the next call reads again."""
        state = self._load(name)
        if len(self._states) > 10_000:  # noqa: PLR2004 - hostile names must not fill the memory
            self._states = {}
        self._states[name] = (mark, state)
        return state

    def _load(self, name: str) -> State:
        rows = self.store.read(
            "SELECT generation, mode, now_us, anchor_us, tokens_after_us, speed FROM scenario WHERE name = ?",
            (name,),
        )
        generation, mode, now_us, anchor_us, tokens, speed = (
            rows[0] if rows else (1, self._mode, self._start_us, self._born_us, 0, _USUAL_SPEED)
        )
        where = (name, generation)
        faults = self.store.read(
            "SELECT id, body FROM fault WHERE scenario = ? AND generation = ? ORDER BY number", where
        )
        touched = self.store.read(
            "SELECT DISTINCT person FROM entry WHERE scenario = ? AND generation = ?", where
        )
        last = self.store.read(
            "SELECT COALESCE(MAX(number), 0) FROM entry WHERE scenario = ? AND generation = ?", where
        )
        return State(
            name=name,
            generation=generation,
            mode=cast("Mode", mode),
            now_us=now_us,
            anchor_us=anchor_us,
            tokens_after_us=tokens,
            speed=speed,
            faults=tuple(read_fault(body, fault_id=fault_id) for fault_id, body in faults),
            touched=frozenset(row[0] for row in touched),
            last_number=last[0][0],
        )


def _passed(mode: str, anchor_us: int, speed: int, real_us: int) -> int:
    """Return how many microseconds of the scenario have passed since *anchor_us* on the machine."""
    return max(0, real_us - anchor_us) * speed // _USUAL_SPEED if mode == "running" else 0


def _speed(scale: float) -> int:
    speed = round(scale * _USUAL_SPEED)
    if not 1 <= speed <= 100_000 * _USUAL_SPEED:
        raise invalid("scale: between 0.001 and 100000")
    return speed


def _microseconds(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise invalid("now: a time with an offset is needed, such as 2023-11-15T08:00:00+01:00")
    if not _EPOCH <= instant < _LAST:
        raise invalid("now: between 1970 and 2150")
    return (instant - _EPOCH) // timedelta(microseconds=1)
