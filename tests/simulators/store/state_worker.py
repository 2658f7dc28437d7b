"""One of several worker processes that share a state: a tester who writes, reads and resets."""

from __future__ import annotations

from typing import Any

import msgspec
from anslut_simulators.app import EXTENSION, create_app
from small_country import BO, SmallPopulation

_BO = msgspec.to_builtins(BO)


class Worker:
    """Drives the control plane of an application of its own, over the state at *address*."""

    def __init__(self, address: str, *, region: str = "fjallmark") -> None:
        self.app = create_app(region, state=address, population=SmallPopulation())
        self._client = self.app.test_client()

    def call(self, scenario: str, method: str, what: str, body: Any = None, *, status: int = 200) -> Any:
        """Return the answer of one call to the control plane, which must have *status*."""
        answer = self._client.open(f"/_sim/s/{scenario}/{what}", method=method, json=body)
        assert answer.status_code == status, (what, answer.status_code, answer.text)
        return answer.json

    def write(self, scenario: str, kind: str = "diagnoses", **more: object) -> str:
        """Write an entry of Bo's and return its id."""
        event = {"type": kind, "patientId": _BO, **more}
        return str(self.call(scenario, "POST", "events", {"event": event}, status=201)["event"]["id"])

    def edit(self, scenario: str, event_id: str, atom: str) -> None:
        """Add an atom to a note of Bo's."""
        order = {
            "patientId": _BO,
            "eventId": event_id,
            "change": "edit",
            "atoms": [{"id": atom, "path": ["Status"], "text": f"Tillägg {atom}."}],
        }
        self.call(scenario, "POST", "events/change", order)

    def truth(self, scenario: str, kind: str = "diagnoses") -> list[dict[str, Any]]:
        """Return Bo's entries."""
        found: list[dict[str, Any]] = self.call(scenario, "POST", "truth", {"patientId": _BO, "type": kind})[
            "events"
        ]
        return found

    def close(self) -> None:
        """Close the application."""
        self.app.extensions[EXTENSION].close()


def work(address: str, number: int, rounds: int, note: str) -> None:
    """Write, edit, read and reset beside the others; raise `AssertionError` when something collided."""
    tester = Worker(address)
    own = f"egen-{number}"
    for turn in range(rounds):
        written = tester.write("gemensam")
        assert written in {event["id"] for event in tester.truth("gemensam")}
        tester.edit("gemensam", note, f"w{number}-{turn}")
        tester.call("omstartad", "POST", "reset")
        tester.write("omstartad")
        tester.write(own)
        tester.call(own, "POST", "clock/advance", {"seconds": 60})
        assert len(tester.truth(own)) == turn % 3 + 1
        if turn % 3 == 2:
            assert tester.call(own, "POST", "reset")["generation"] == turn // 3 + 2
            assert tester.truth(own) == []
    tester.close()
