"""The journal: which calls a source got, in order, bounded, and without a person's number in it.

Calls are collected in memory and written together by a thread, so that a call costs an append. The path is
redacted when it is written: a client that put a number into a URL shall not find it here.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import orjson

from anslut_simulators.scenario import person_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut_simulators.scenario import State
    from anslut_simulators.store import Store
    from anslut_simulators.truth import Identity

KEPT: Final = 5000
_FLUSH_SECONDS: Final = 0.25
_ANSWERED: Final = 200
_CONTROL: Final = re.compile(r"[^\x21-\x7eåäöÅÄÖ]")
_DIGITS: Final = re.compile(r"\d[\d+%-]{4,}[\dA-Za-z]*")
_KEY: Final = re.compile(r"/patienter/(?!sok/\Z)[^/?]+/")
_FORMS: Final = {
    "fran": r"\d{4}-\d{2}-\d{2}",
    "till": r"\d{4}-\d{2}-\d{2}",
    "antal": r"\d{1,5}",
    "efter": r"\d{1,5}",
}
Faults = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]
Call = tuple[str, int, str, str, str, int, int, int, "Identity | None", str, "Faults | None"]


def pseudonym(identity: Identity) -> str:
    """Return a name for *identity* that is the same in every journal and says nothing."""
    return blake2b(person_key(identity).encode(), digest_size=8, key=b"anslut-journal").hexdigest()


def redact(text: str) -> str:
    """Return *text* with control characters and everything that looks like a number taken out."""
    return _DIGITS.sub("#", _CONTROL.sub("?", text))[:300]


class Journal:
    """The calls of one worker on their way into the database, and all workers' calls on their way out."""

    def __init__(self, store: Store, *, asked: Callable[[State, Identity], None] | None = None) -> None:
        self._store = store
        self._asked = asked
        self._calls: deque[Call] = deque(maxlen=KEPT * 2)
        self._closing = threading.Event()
        self._flushing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def append(  # noqa: PLR0913 - one call, flat, on the hot path
        self,
        state: State,
        method: str,
        path: str,
        query: str,
        *,
        system: str,
        status: int,
        microseconds: int,
        length: int,
        patient: Identity | None,
        consumer: str,
        faults: Faults | None = None,
    ) -> None:
        """Note one call; *asked*, if given, is told of the patient of a call that was answered.

        *faults* are the ids of those that struck it, and of those that did not, each with what spared it.
        """
        if patient is not None and status == _ANSWERED and self._asked is not None:
            self._asked(state, patient)
        self._calls.append(
            (
                state.name,
                state.generation,
                method,
                f"/{system}{path}",
                query,
                status,
                microseconds,
                length,
                patient,
                consumer,
                faults,
            )
        )
        if self._thread is None:
            self._start()

    def calls(self, state: State) -> list[dict[str, Any]]:
        """Return the calls of the scenario's present generation, oldest first; at most 5 000 are kept."""
        self.flush()
        rows = self._store.read(
            "SELECT number, body FROM (SELECT number, body FROM call WHERE scenario = ? AND generation = ?"
            " ORDER BY number DESC LIMIT ?) ORDER BY number",
            (state.name, state.generation, KEPT),
        )
        return [{"n": number, **orjson.loads(body)} for number, body in rows]

    def clear(self, state: State) -> None:
        """Forget the calls of the scenario's present generation."""
        self.flush()
        with self._store.write(seen_by_all=False) as connection:
            connection.execute(
                "DELETE FROM call WHERE scenario = ? AND generation = ?", (state.name, state.generation)
            )

    def flush(self) -> None:
        """Write what this worker has collected."""
        with self._flushing:
            calls: list[Call] = []
            while self._calls:
                calls.append(self._calls.popleft())
            if not calls:
                return
            with self._store.write(seen_by_all=False) as connection:
                connection.executemany(
                    "INSERT INTO call (scenario, generation, body) VALUES (?, ?, ?)",
                    [(call[0], call[1], orjson.dumps(_line(call))) for call in calls],
                )
                connection.queue("call")
                for scenario, generation in {(call[0], call[1]) for call in calls}:
                    connection.execute(
                        "DELETE FROM call WHERE scenario = ? AND generation = ?"
                        " AND number <= (SELECT number FROM call"
                        " WHERE scenario = ? AND generation = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
                        (scenario, generation, scenario, generation, KEPT),
                    )

    def close(self) -> None:
        """Write what is left and stop the thread."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self.flush()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="anslut-journal", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._closing.wait(_FLUSH_SECONDS):
            if self._calls:
                self.flush()


def _line(call: Call) -> dict[str, Any]:
    _, _, method, path, query, status, microseconds, length, patient, consumer, faults = call
    shape = _KEY.sub("/patienter/{patientnyckel}/", path + "/").removesuffix("/")
    line: dict[str, Any] = {
        "method": _shown(method),
        "path": f"{_shown(shape)}{_shown_query(query)}",
        "status": status,
        "milliseconds": round(microseconds / 1000, 3),
        "consumer": _shown(consumer),
        "bytes": length,
    }
    if patient is not None:
        line["patientKey"] = pseudonym(patient)
    if faults is not None:
        struck, spared = faults
        line |= {"struckBy": struck, "sparedBy": [{"id": name, "why": why} for name, why in spared]}
    return line


# Calls are many and their shapes few: redacting a shape once keeps the journal's thread from holding up answers.
_shown = lru_cache(maxsize=256)(redact)


@lru_cache(maxsize=256)
def _shown_query(query: str) -> str:
    parts = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        form = _FORMS.get(name)
        if form is not None:
            parts.append(part if re.fullmatch(form, value) else f"{name}=…")
    return "?" + "&".join(parts) if parts else ""
