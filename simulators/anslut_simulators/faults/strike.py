"""Strikes with faults: waits, refuses, spoils the answer, or breaks the connection."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.calls import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anslut_simulators.calls import Call, System
    from anslut_simulators.faults.catalogue import Fault
    from anslut_simulators.scenario import Scenarios

SOCKET: Final = "anslut.socket"
BROKEN: Final = "anslut.broken"
_STALL_SECONDS: Final = 60.0
_RST: Final = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A connection that ends badly; *sends* tells whether half of the answer goes out first."""

    answer: Answer
    sends: bool

    def break_connection(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI
        """Break the connection, with the server's socket where there is one (`serve_region` gives it).

        Elsewhere the answer is streamed and given up half-way, which is as near as WSGI comes.
        """
        connection: socket.socket | None = environ.get(SOCKET)
        environ[BROKEN] = True
        half = self.answer.body[: len(self.answer.body) // 2] if self.sends else b""
        if connection is not None and not self.sends:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST)
            return []
        headers = [
            *self.answer.headers,
            ("Content-Type", self.answer.content_type),
            ("Content-Length", str(max(1, len(self.answer.body)))),
        ]
        start_response(f"{self.answer.status} OK", headers)
        return [half] if connection is not None else _given_up(half)


def _given_up(half: bytes) -> Iterator[bytes]:
    yield half
    raise ConnectionAbortedError("a fault broke this connection on purpose")


class Strikes:
    """Finds the faults that strike a call, and carries them out."""

    def __init__(self, scenarios: Scenarios) -> None:
        self._scenarios = scenarios
        self._closing = threading.Event()
        self._recent: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def answer(self, call: Call, system: System) -> Answer | Drop:
        """Answer *call* through *system* with every fault that strikes it."""
        call.faults = tuple(self._striking(call, system))
        for fault in call.faults:
            refused = self._before(call, fault, system)
            if refused is not None:
                return refused
        answer = system.answer(call)
        if call.fault("malformed"):
            answer = Answer(
                answer.status, answer.body[: len(answer.body) // 2], answer.headers, answer.content_type
            )
        if call.fault("reset"):
            return Drop(answer=answer, sends=False)
        if call.fault("truncate"):
            return Drop(answer=answer, sends=True)
        return answer

    def close(self) -> None:
        """Wake everything that waits."""
        self._closing.set()

    def _striking(self, call: Call, system: System) -> Iterator[Fault]:
        asked = False
        patient = None
        for fault in call.state.faults:
            if fault.system != call.system or not fault.matches_path(call.path):
                continue
            if fault.fault == "expire-tokens" and not call.authorization.lower().startswith("bearer"):
                continue  # a call without a token would use the fault up unseen
            if fault.patient_id is not None:
                if not asked:
                    asked, patient = True, system.identify(call)
                if patient != fault.patient_id:
                    continue
            if fault.hits(self._count(call, fault)):
                yield fault

    def _count(self, call: Call, fault: Fault) -> int:
        """Return which matching call this is; shared by all workers, so counted in the database."""
        with self._scenarios.store.write(seen_by_all=False) as connection:
            row = connection.execute(
                "UPDATE fault SET seen = seen + 1 WHERE scenario = ? AND generation = ? AND id = ?"
                " RETURNING seen",
                (call.state.name, call.state.generation, fault.id),
            ).fetchone()
        return int(row[0]) if row else 0

    def _before(self, call: Call, fault: Fault, system: System) -> Answer | None:
        match fault.fault:
            case "latency":
                self._closing.wait(1.0 if fault.seconds is None else fault.seconds)
            case "stall":
                self._closing.wait(_STALL_SECONDS if fault.seconds is None else fault.seconds)
                return system.refuse(504)
            case "status":
                return system.refuse(fault.status or 500, retry_after=fault.retry_after)
            case "rate-limit":
                if self._over(call, fault):
                    return system.refuse(
                        429, retry_after=1 if fault.retry_after is None else fault.retry_after
                    )
            case "expire-tokens":
                self._scenarios.expire_tokens(call.state.name)
                call.state = self._scenarios.state(call.state.name)
        return None

    def _over(self, call: Call, fault: Fault) -> bool:
        if fault.per_second is None:
            return True
        now = time.monotonic()
        with self._lock:
            recent = self._recent.setdefault(f"{call.state.name}|{call.state.generation}|{fault.id}", deque())
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= fault.per_second:
                return True
            recent.append(now)
            return False
