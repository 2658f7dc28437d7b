"""Strikes with faults: finds those that are for a call, waits, refuses, or changes how the answer leaves."""

from __future__ import annotations

import threading
import time
from collections import deque
from functools import cache
from typing import TYPE_CHECKING, Final

from anslut_simulators.faults.bodies import BODIES
from anslut_simulators.faults.catalogue import rows
from anslut_simulators.faults.connections import CONNECTIONS
from anslut_simulators.faults.delivery import Delivery
from anslut_simulators.faults.hit import Hit
from anslut_simulators.faults.waits import lognormal, retry_after_as

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from anslut_simulators.calls import Answer, Call, Spared, System
    from anslut_simulators.faults.fault import Fault
    from anslut_simulators.faults.standing import Standing
    from anslut_simulators.scenario import Scenarios
    from anslut_simulators.truth import Identity

#: What the gate does to an answer on its way out; the rest it does before it asks the system.
WIRE: Final = {**BODIES, **CONNECTIONS}
BEFORE: Final = ("clock-skew", "rate-limit", "latency", "stall", "status")
#: A scenario can have a hundred faults, and the journal's lines shall stay short.
SPARED_KEPT: Final = 20


class Strikes:
    """Finds the faults that strike a call, and carries them out in the catalogue's order."""

    def __init__(self, scenarios: Scenarios, *, standing: Standing | None = None) -> None:
        self._scenarios = scenarios
        self._standing: Standing = standing or {}
        self._closing = threading.Event()
        self._recent: dict[str, deque[float]] = {}
        self._lock = threading.Lock()
        self._order = {name: number for number, name in enumerate(rows())}

    def has_standing(self, call: Call) -> bool:
        """Tell whether the person whom an answered *call* turned out to be about has standing faults."""
        return bool(self._standing) and call.patient is not None and call.patient in self._standing

    def deliver(self, call: Call, system: System) -> Delivery:
        """Return the answer of *system* to *call*, with every fault that strikes it."""
        call.faults = sorted(self._striking(call, system), key=lambda hit: self._order[hit.fault.fault])
        answer = self._refusal(call, system) or system.answer(call)
        delivery = Delivery.of(answer, date=int(call.state.now(call.real_us).timestamp()))
        for hit in call.faults:
            change = WIRE.get(hit.fault.fault)
            if change is not None:
                change(delivery, hit)
            elif "retryAfterForm" in rows()[hit.fault.fault].arguments:
                retry_after_as(hit.argument("retryAfterForm"), delivery)
        return delivery

    def wait(self, seconds: float) -> None:
        """Sleep for *seconds*, or until the region closes."""
        self._closing.wait(seconds)

    def close(self) -> None:
        """Wake everything that waits."""
        self._closing.set()

    def _striking(self, call: Call, system: System) -> Iterator[Hit]:
        identify = cache(lambda: system.identify(call))
        now = call.state.now(call.real_us)
        for fault in call.state.faults:
            if fault.system != call.system:
                continue
            spared = _outside(fault, call, now, identify)
            if spared is None:
                number = self._count(call, fault)
                spared = fault.why_not(number)
                if spared is None:
                    yield Hit(fault, number)
                    continue
            if len(call.spared) < SPARED_KEPT:
                call.spared.append((fault.id, spared))
        person = identify() if self._standing else None
        for fault in self._standing.get(person, ()) if person is not None else ():
            if fault.system == call.system and fault.matches_path(call.path):
                yield Hit(fault, 1)

    def _count(self, call: Call, fault: Fault) -> int:
        """Return which matching call this is; shared by all workers, so counted in the database."""
        with self._scenarios.store.write(seen_by_all=False) as connection:
            row = connection.execute(
                "UPDATE fault SET seen = seen + 1 WHERE scenario = ? AND generation = ? AND id = ?"
                " RETURNING seen",
                (call.state.name, call.state.generation, fault.id),
            ).fetchone()
        return int(row[0]) if row else 0

    def _refusal(self, call: Call, system: System) -> Answer | None:
        """Carry out what happens before the system is asked; return its answer when it is not to be asked."""
        for hit in call.faults:
            match hit.fault.fault:
                case "expire-tokens":
                    self._scenarios.expire_tokens(call.state.name)
                    call.state = self._scenarios.state(call.state.name)
                case "clock-skew":
                    call.skew_seconds = int(hit.argument("seconds"))
                case "rate-limit":
                    if self._over(call, hit):
                        return system.refuse(429, retry_after=hit.argument("retryAfter"))
                case "latency":
                    self.wait(lognormal(hit))
                case "stall":
                    self.wait(hit.argument("seconds"))
                    return system.refuse(504)
                case "status":
                    return system.refuse(hit.argument("status"), retry_after=hit.argument("retryAfter"))
        return None

    def _over(self, call: Call, hit: Hit) -> bool:
        per_second = hit.argument("perSecond")
        if per_second is None:
            return True
        now = time.monotonic()
        with self._lock:
            key = f"{call.state.name}|{call.state.generation}|{hit.fault.id}"
            recent = self._recent.setdefault(key, deque())
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= per_second:
                return True
            recent.append(now)
            return False


def _outside(
    fault: Fault, call: Call, now: datetime, identify: Callable[[], Identity | None]
) -> Spared | None:
    """Return what makes *call* none of those that *fault* is for and counts; None when it is one."""
    if not fault.matches_path(call.path):
        return "path"
    if fault.fault == "expire-tokens" and not call.authorization.lower().startswith("bearer"):
        return "token"  # a call without a token would use the fault up unseen
    if not fault.is_time(now):
        return "time"
    if fault.patient_id is not None and identify() != fault.patient_id:
        return "person"
    return None
