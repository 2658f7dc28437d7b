"""Keeps the faults that testers ask for, once it is certain that they can strike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import orjson

from anslut_simulators.faults.catalogue import rows
from anslut_simulators.faults.reading import read_fault
from anslut_simulators.problems import ProblemError, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anslut_simulators.calls import System
    from anslut_simulators.faults.fault import Fault
    from anslut_simulators.scenario import Scenarios
    from anslut_simulators.truth import Identity

_AT_MOST: Final = 100


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
        fault = read_fault(orjson.dumps({name: value for name, value in document.items() if name != "id"}))
        self._check(fault)
        with self._scenarios.write(scenario) as (connection, generation):
            where = (scenario, generation)
            last, count = connection.execute(
                "SELECT COALESCE(MAX(number), 0), COUNT(*) FROM fault WHERE scenario = ? AND generation = ?",
                where,
            ).fetchone()
            if count >= _AT_MOST:  # every fault is looked at on every call
                raise ProblemError(409, "too-many-faults", f"A scenario has at most {_AT_MOST} faults")
            fault_id = f"f{last + 1}"
            connection.execute(
                "INSERT INTO fault (scenario, generation, id, number, body) VALUES (?, ?, ?, ?, ?)",
                (*where, fault_id, last + 1, msgspec.json.encode(fault)),
            )
        return fault_id

    def all(self, scenario: str) -> list[dict[str, Any]]:
        """Return the faults that were asked for, in order."""
        return [fault.to_json() for fault in self._scenarios.state(scenario).faults]

    def clear(self, scenario: str) -> None:
        """Take every fault of the scenario's present generation away."""
        with self._scenarios.write(scenario) as (connection, generation):
            connection.execute(
                "DELETE FROM fault WHERE scenario = ? AND generation = ?", (scenario, generation)
            )

    def _check(self, fault: Fault) -> None:
        system = self._systems.get(fault.system)
        if system is None:
            raise invalid(f"fault.system: one of {', '.join(self._systems)}")
        if rows()[fault.fault].by == "system" and fault.fault not in system.faults:
            able = [row.fault for row in rows().values() if row.by == "gate" or row.fault in system.faults]
            raise invalid(f"fault.fault: {fault.system} cannot have {fault.fault}; it can: {', '.join(able)}")
        if fault.patient_id is not None:
            self._guard(fault.patient_id)
