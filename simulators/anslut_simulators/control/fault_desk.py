"""Keeps the faults that testers ask for, once it is certain that they can strike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import orjson

from anslut_simulators.calls import KeepsCopy
from anslut_simulators.faults.catalogue import rows
from anslut_simulators.faults.preset import PresetOrder, orders, presets
from anslut_simulators.faults.reading import read_fault
from anslut_simulators.problems import ProblemError, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anslut_simulators.calls import System
    from anslut_simulators.faults.fault import Fault
    from anslut_simulators.scenario import Scenarios
    from anslut_simulators.truth import Identity

_AT_MOST: Final = 100
_COUNTING: Final = ("path", "nth", "times", "every", "probability")


class FaultDesk:
    """The faults of every scenario; *systems* are those behind the gate, the engagement index among them."""

    def __init__(
        self, scenarios: Scenarios, *, systems: Mapping[str, System], guard: Callable[[Identity], None]
    ) -> None:
        self._scenarios = scenarios
        self._systems = systems
        self._guard = guard

    def add(self, scenario: str, document: dict[str, Any]) -> str:
        """Keep a fault and return its id; raise a problem (422) for one that could never strike."""
        fault = _read(document)
        self._check(fault)
        (fault_id,) = self._keep(scenario, [fault])
        return fault_id

    def add_preset(self, scenario: str, document: dict[str, Any]) -> dict[str, list[str]]:
        """Keep the faults of a preset; return their `ids`, and the names of those `leftOut`.

        Left out are those that the system cannot have; a preset of which nothing is left is refused (422).
        """
        try:
            wanted = msgspec.convert(document, PresetOrder)
        except msgspec.ValidationError:
            raise invalid("a preset takes: preset, system, path, patientId, seed") from None
        if wanted.preset not in presets():
            raise invalid(f"preset: one of {', '.join(presets())}")
        faults = [_read(order) for order in orders(wanted)]
        system = self._system(wanted.system)
        able = [
            fault
            for fault in faults
            if _can_have(system, fault.fault) and not (_is_direct(system) and _counts(fault))
        ]
        if not able:
            raise invalid(f"preset: {wanted.system} can have none of its faults")
        self._check(able[0])
        left_out = sorted({fault.fault for fault in faults} - {fault.fault for fault in able})
        return {"ids": self._keep(scenario, able), "leftOut": left_out}

    def _keep(self, scenario: str, faults: Sequence[Fault]) -> list[str]:
        with self._scenarios.write(scenario) as (connection, generation):
            where = (scenario, generation)
            last, count = connection.execute(
                "SELECT COALESCE(MAX(number), 0), COUNT(*) FROM fault WHERE scenario = ? AND generation = ?",
                where,
            ).fetchone()
            if count + len(faults) > _AT_MOST:  # every fault is looked at on every call
                raise ProblemError(409, "too-many-faults", f"A scenario has at most {_AT_MOST} faults")
            numbers = range(last + 1, last + 1 + len(faults))
            connection.executemany(
                "INSERT INTO fault (scenario, generation, id, number, body) VALUES (?, ?, ?, ?, ?)",
                [
                    (*where, f"f{number}", number, msgspec.json.encode(fault))
                    for number, fault in zip(numbers, faults, strict=True)
                ],
            )
        return [f"f{number}" for number in numbers]

    def can_have(self, system: str, fault: str) -> bool:
        """Tell whether *system* can have *fault* at all."""
        return _can_have(self._system(system), fault)

    def all(self, scenario: str) -> list[dict[str, Any]]:
        """Return the faults that were asked for, in order."""
        return [fault.to_json() for fault in self._scenarios.state(scenario).faults]

    def clear(self, scenario: str) -> None:
        """Take every fault of the scenario's present generation away."""
        with self._scenarios.write(scenario) as (connection, generation):
            connection.execute(
                "DELETE FROM fault WHERE scenario = ? AND generation = ?", (scenario, generation)
            )

    def _system(self, name: str) -> System:
        system = self._systems.get(name)
        if system is None:
            raise invalid(f"fault.system: one of {', '.join(self._systems)}")
        return system

    def _check(self, fault: Fault) -> None:
        system = self._system(fault.system)
        if not _can_have(system, fault.fault):
            able = ", ".join(name for name in rows() if _can_have(system, name))
            raise invalid(f"fault.fault: {fault.system} cannot have {fault.fault}; it can: {able}")
        if _is_direct(system) and _counts(fault):
            raise invalid(
                f"fault.{_counts(fault)[0]}: {fault.system} is read directly: no calls to choose among"
            )
        if fault.patient_id is not None:
            self._guard(fault.patient_id)


def _can_have(system: System, fault: str) -> bool:
    return fault in system.faults or (rows()[fault].by == "gate" and not _is_direct(system))


def _is_direct(system: System) -> bool:
    return isinstance(system, KeepsCopy)


def _counts(fault: Fault) -> list[str]:
    """Return what in *fault* chooses among calls."""
    return [name for name in _COUNTING if getattr(fault, name) is not None]


def _read(document: dict[str, Any]) -> Fault:
    return read_fault(orjson.dumps({name: value for name, value in document.items() if name != "id"}))
