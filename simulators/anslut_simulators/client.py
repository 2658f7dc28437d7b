"""A client of the control plane: one scenario of one running region, driven from Python."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import requests

from anslut_simulators.truth import Event, Identity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.writing import ChangeName

_TIMEOUT_SECONDS: Final = 60
_CHANGE_FIELDS: Final = {"to_patient_id": "toPatientId", "atom_ids": "atomIds"}


class ControlError(Exception):
    """The control plane refused; *status* and *problem* are its answer (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status}: {problem.get('title', 'no title')}: {problem.get('detail', '')}")
        self.status = status
        self.problem = dict(problem)


class ControlClient:
    """Drives scenario *scenario* of the region at *base_url*; may be used from several threads.

    Persons are given as any object with `root` and `extension`, or as a mapping of the two.
    """

    def __init__(self, base_url: str, scenario: str) -> None:
        self.base_url = base_url
        self.scenario = scenario
        self._local = threading.local()

    def reset(self) -> int:
        """Begin a new generation: no writes, no faults, the clock at the world's start. Return its number."""
        return int(self._call("POST", "reset")["generation"])

    def now(self) -> datetime:
        """Return the scenario's clock, aware."""
        return datetime.fromisoformat(self._call("GET", "clock")["now"])

    def set_clock(
        self, now: datetime | None = None, *, mode: str | None = None, scale: float | None = None
    ) -> datetime:
        """Move the clock to *now*, or change how it runs: "frozen" or "running", *scale* seconds in a second.

        Raise `ControlError` (409) for going back: reset instead.
        """
        wanted = {"now": now.isoformat() if now else None, "mode": mode, "scale": scale}
        answer = self._call(
            "PUT", "clock", {name: value for name, value in wanted.items() if value is not None}
        )
        return datetime.fromisoformat(answer["now"])

    def advance(self, seconds: int) -> datetime:
        """Move the clock forward and return the new time."""
        return datetime.fromisoformat(self._call("POST", "clock/advance", {"seconds": seconds})["now"])

    def personas(self) -> list[dict[str, Any]]:
        """Return the personas: `name`, `sv`, `why`, `rules`, `patientId`."""
        found: list[dict[str, Any]] = self._call("GET", "personas")["personas"]
        return found

    def persona(self, name: str) -> dict[str, str]:
        """Return the `patientId` of the persona called *name*, or who plays a classic role such as `TC4`.

        Raise `KeyError` when nobody does.
        """
        for persona in self.personas():
            if name in {persona["name"], persona.get("role")}:
                found: dict[str, str] = persona["patientId"]
                return found
        raise KeyError(name)

    def truth(self, patient_id: object, type: str | None = None) -> list[Event]:  # noqa: A002 - the contract's word
        """Return every event of the person, linked identities included, oldest first."""
        order: dict[str, Any] = {"patientId": _identity(patient_id)}
        if type is not None:
            order["type"] = type
        return [Event.from_json(event) for event in self._call("POST", "truth", order)["events"]]

    def write(self, event: Event | Mapping[str, Any] | None = None, **fields: object) -> Event:
        """Write a new entry now and return it whole.

        Give an `Event`, or what of it matters: `write(type="diagnoses", patient_id=person)`; field names are
        those of `Event`, values JSON or the truth's own types.
        """
        plain: dict[str, Any] = dict(msgspec.to_builtins(event)) if event is not None else {}
        plain.update(
            {name: msgspec.to_builtins(value) for name, value in fields.items() if name != "patient_id"}
        )
        if "patient_id" in fields:
            plain["patientId"] = _identity(fields["patient_id"])
        return Event.from_json(self._call("POST", "events", {"event": plain})["event"])

    def change(self, patient_id: object, event_id: str, change: ChangeName, **args: object) -> Event:
        """Change an entry now and return it as it has become.

        Arguments by change: `by` (hsa_id, name, role) for any; `atoms`, `content`, `title`,
        `template` for edit; `content` for finalise; `reason`, `atom_ids`, `keyword` for exclude;
        `to_patient_id` for move.
        """
        order: dict[str, Any] = {"patientId": _identity(patient_id), "eventId": event_id, "change": change}
        for name, value in args.items():
            plain = _identity(value) if name == "to_patient_id" else msgspec.to_builtins(value)
            order[_CHANGE_FIELDS.get(name, name)] = plain
        return Event.from_json(self._call("POST", "events/change", order)["event"])

    def fault(self, fault: str, *, system: str = "kosmos", **args: object) -> str:
        """Ask for a fault and return its id.

        To which calls: `path` (regular expression), `patient_id`. When, by the scenario's clock: `since`, `until`
        (aware), `daily` ("02:00-04:00"), `weekdays`, `cycle_seconds` with `down_seconds`. Which of the calls: `nth`,
        `times`, `every`, `probability`, `seed`. The rest are arguments of the fault: see `GET /_sim/faults`.
        """
        order = {"fault": fault, "system": system, **_camel(args)}
        return str(self._call("POST", "faults", order)["id"])

    def preset(self, preset: str, *, system: str = "kosmos", **args: object) -> list[str]:
        """Ask for the faults of a preset and return their ids.

        `path`, `patient_id` and `seed` hold for all of them; those that the system cannot have are left out.
        """
        order = {"preset": preset, "system": system, **_camel(args)}
        return list(self._call("POST", "faults", order)["ids"])

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that were asked for."""
        found: list[dict[str, Any]] = self._call("GET", "faults")["faults"]
        return found

    def clear_faults(self) -> None:
        """Take all faults away."""
        self._call("DELETE", "faults")

    def journal(self) -> list[dict[str, Any]]:
        """Return the calls the systems got, oldest first: `n`, `method`, `path`, `status` and so on."""
        found: list[dict[str, Any]] = self._call("GET", "journal")["calls"]
        return found

    def clear_journal(self) -> None:
        """Forget the calls."""
        self._call("DELETE", "journal")

    def index(self) -> dict[str, Any]:
        """Return what the engagement index knows: `engagements` now, all `transactions` and `refusals` in order."""
        return self._call("GET", "index")

    def clear_index(self) -> None:
        """Empty the engagement index."""
        self._call("DELETE", "index")

    def _call(self, method: str, what: str, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False
        response = session.request(
            method,
            f"{self.base_url}/_sim/s/{self.scenario}/{what}",
            data=msgspec.json.encode(document) if document is not None else None,
            headers={"Content-Type": "application/json"},
            timeout=_TIMEOUT_SECONDS,
        )
        answer: dict[str, Any] = msgspec.json.decode(response.content or b"{}")
        if response.status_code >= 400:  # noqa: PLR2004 - HTTP's own
            raise ControlError(response.status_code, answer)
        return answer


def _camel(args: Mapping[str, object]) -> dict[str, Any]:
    """Return *args* with JSON's names and values."""
    order: dict[str, Any] = {}
    for name, value in args.items():
        first, *more = name.split("_")
        plain = _identity(value) if name == "patient_id" else msgspec.to_builtins(value)
        order[first + "".join(word.capitalize() for word in more)] = plain
    return order


def _identity(person: object) -> dict[str, str]:
    if isinstance(person, Identity):
        return {"root": person.root, "extension": person.extension}
    if isinstance(person, dict):
        return {"root": person["root"], "extension": person["extension"]}
    return {"root": str(getattr(person, "root")), "extension": str(getattr(person, "extension"))}  # noqa: B009 - any type of identity
