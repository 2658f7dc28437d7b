"""Scenarios: a name with a generation, a clock and what was changed; one tester's world beside another's.

A scenario needs no creation: an untouched name is generation 1 at the world's first instant.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, cast
from zoneinfo import ZoneInfo

from anslut_simulators.faults.catalogue import Fault, read_fault
from anslut_simulators.problems import ProblemError, invalid
from anslut_simulators.store import Store, sweep

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from anslut_simulators.truth import Identity

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
Mode = Literal["frozen", "running"]
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\Z")
_SECOND_US: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2150, 1, 1, tzinfo=UTC)


def is_name(text: str) -> bool:
    """Tell whether *text* may name a scenario: 1 to 64 of a-z, 0-9 and hyphen, and no long run of digits."""
    # Eight digits in a row could be a birth date: names stand in URLs, where no person's number may stand.
    return _NAME.match(text) is not None and re.search(r"\d{6}", text) is None


def person_key(identity: Identity) -> str:
    """Return the key of *identity* in the database."""
    return f"{identity.root}|{identity.extension}"


def real_now_us() -> int:
    """Return the machine's own time in microseconds since 1970."""
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a worker needs to know about one scenario to answer a call; a snapshot, cheap to hold."""

    name: str
    generation: int
    mode: Mode
    now_us: int
    anchor_us: int
    tokens_after_us: int
    faults: tuple[Fault, ...]
    touched: frozenset[str]
    last_number: int

    def now(self, real_us: int) -> datetime:
        """Return the scenario's clock: whole seconds, in Stockholm, when the machine's is *real_us*."""
        passed = max(0, real_us - self.anchor_us) if self.mode == "running" else 0
        seconds = (self.now_us + passed) // _SECOND_US
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
        self._born_us = real_us()
        self._states: dict[str, State] = {}
        self._seen = b""
        self._lock = threading.Lock()

    def state(self, name: str) -> State:
        """Return the present snapshot of scenario *name*."""
        mark = self.store.mark()
        if mark == self._seen:
            known = self._states.get(name)
            if known is not None:
                return known
        with self._lock:
            if mark != self._seen:
                self._states = {}
                self._seen = mark
            state = self._load(name)
            if len(self._states) > 10_000:  # noqa: PLR2004 - hostile names must not fill the memory
                self._states = {}
            self._states[name] = state
            return state

    def names(self) -> list[str]:
        """Return the scenarios that somebody has touched, in order of name."""
        return [str(row[0]) for row in self.store.read("SELECT name FROM scenario ORDER BY name")]

    def now(self, name: str) -> datetime:
        """Return the clock of scenario *name*."""
        return self.state(name).now(self.real_us())

    def reset(self, name: str) -> int:
        """Begin a new generation of scenario *name* at the world's first instant and return its number."""
        with self.store.write() as connection:
            self.ensure(connection, name)
            row = connection.execute(
                "UPDATE scenario SET generation = generation + 1, mode = ?, now_us = ?, anchor_us = ?,"
                " tokens_after_us = 0 WHERE name = ? RETURNING generation",
                (self._mode, self._start_us, self.real_us(), name),
            ).fetchone()
            sweep(connection, scenario=name, generation=row[0])
        return int(row[0])

    def set_clock(self, name: str, *, now: datetime | None = None, mode: Mode | None = None) -> datetime:
        """Move the clock of scenario *name* to *now*, or change how it runs; refuse to go back (409)."""
        with self.store.write() as connection:
            self.ensure(connection, name)
            real = self.real_us()
            generation, old_mode, old_now, anchor = connection.execute(
                "SELECT generation, mode, now_us, anchor_us FROM scenario WHERE name = ?", (name,)
            ).fetchone()
            present = old_now + (max(0, real - anchor) if old_mode == "running" else 0)
            wanted = present if now is None else _microseconds(now)
            if wanted // _SECOND_US < present // _SECOND_US:
                raise ProblemError(
                    409, "clock-backwards", "The clock never goes backwards", detail="Reset instead."
                )
            connection.execute(
                "UPDATE scenario SET mode = ?, now_us = ?, anchor_us = ? WHERE name = ? AND generation = ?",
                (mode or old_mode, wanted, real, name, generation),
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
        return self.set_clock(name, now=self.now(name) + timedelta(seconds=seconds))

    def expire_tokens(self, name: str) -> None:
        """Make every token issued so far in scenario *name* invalid."""
        with self.store.write() as connection:
            self.ensure(connection, name)
            connection.execute(
                "UPDATE scenario SET tokens_after_us = ? WHERE name = ?", (self.real_us(), name)
            )

    def ensure(self, connection: sqlite3.Connection, name: str) -> int:
        """Give scenario *name* a row if it has none, in the caller's transaction; return its generation."""
        connection.execute(
            "INSERT OR IGNORE INTO scenario VALUES (?, 1, ?, ?, ?, 0)",
            (name, self._mode, self._start_us, self._born_us),
        )
        row = connection.execute("SELECT generation FROM scenario WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def _load(self, name: str) -> State:
        rows = self.store.read(
            "SELECT generation, mode, now_us, anchor_us, tokens_after_us FROM scenario WHERE name = ?",
            (name,),
        )
        generation, mode, now_us, anchor_us, tokens = (
            rows[0] if rows else (1, self._mode, self._start_us, self._born_us, 0)
        )
        where = (name, generation)
        faults = self.store.read(
            "SELECT id, body FROM fault WHERE scenario = ? AND generation = ? ORDER BY number", where
        )
        touched = self.store.read(
            "SELECT DISTINCT person FROM entry WHERE scenario = ? AND generation = ?", where
        )
        last = self.store.read(
            "SELECT COALESCE(MAX(number), 0) FROM change WHERE scenario = ? AND generation = ?", where
        )
        return State(
            name=name,
            generation=generation,
            mode=cast("Mode", mode),
            now_us=now_us,
            anchor_us=anchor_us,
            tokens_after_us=tokens,
            faults=tuple(read_fault(body, fault_id=fault_id) for fault_id, body in faults),
            touched=frozenset(row[0] for row in touched),
            last_number=last[0][0],
        )


def _microseconds(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise invalid("now: a time with an offset is needed, such as 2023-11-15T08:00:00+01:00")
    if not _EPOCH <= instant < _LAST:
        raise invalid("now: between 1970 and 2150")
    return (instant - _EPOCH) // timedelta(microseconds=1)
