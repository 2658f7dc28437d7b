"""The control plane's routes under `/_sim`: clock, personas, truth, writes, faults, journal and index."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
import orjson
from flask import Blueprint, Response, request

from anslut_simulators.calls import KeepsCopy
from anslut_simulators.control.desk import Desk
from anslut_simulators.control.fault_desk import FaultDesk
from anslut_simulators.control.reading import (
    read_body,
    read_change,
    read_clock,
    read_partial,
    read_seconds,
    read_truth,
)
from anslut_simulators.control.room.room import Room
from anslut_simulators.control.room.routes import PAGES, add_room
from anslut_simulators.control.visitor import check_visitor
from anslut_simulators.faults.catalogue import catalogue
from anslut_simulators.faults.preset import presets
from anslut_simulators.problems import CONTENT_TYPE, ProblemError
from anslut_simulators.scenario import is_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.calls import System
    from anslut_simulators.country import Region
    from anslut_simulators.index_receiver import IndexReceiver
    from anslut_simulators.journal import Journal
    from anslut_simulators.overlay import Records
    from anslut_simulators.scenario import Scenarios

_PREFIX: Final = "/s/<scenario>"


def control_blueprint(
    records: Records, *, systems: Mapping[str, System], journal: Journal, index: IndexReceiver, region: Region
) -> Blueprint:
    """Return the control plane over *records*."""
    plane = Blueprint("control", __name__, url_prefix="/_sim")
    scenarios = records.scenarios
    behind_gate = {**systems, index.name: index}

    desk = Desk(records, systems=systems, region=region)
    faults = FaultDesk(scenarios, systems=behind_gate, guard=records.guard)
    room = Room(
        records, region=region, systems=systems, desk=desk, faults=faults, journal=journal, index=index
    )

    def is_page() -> bool:
        return (request.endpoint or "").startswith(f"{plane.name}.{PAGES}")

    @plane.before_request
    def no_strangers() -> None:
        """Let no page of somebody else's drive the region."""
        check_visitor(request, is_page=is_page())

    @plane.errorhandler(ProblemError)
    def told(problem: ProblemError) -> Response:
        """Tell a problem as a page to a browser, and as JSON to a program."""
        scenario = (request.view_args or {}).get("scenario", "demo")
        if not is_page() or problem.status == HTTPStatus.FORBIDDEN:
            return problem_response(problem)
        return room.page("problem", scenario if is_name(scenario) else "demo", problem=problem)

    @plane.get("/faults")
    def known_faults() -> Response:
        """List the faults and presets that can be asked for, and which faults each system can have."""
        own = {name: sorted(system.faults) for name, system in behind_gate.items()}
        return _json({"faults": catalogue(), "systems": own, "presets": list(presets().values())})

    @plane.after_request
    def tell_copies(answer: Response) -> Response:
        """Let systems whose rows are copied elsewhere follow what was done."""
        scenario = (request.view_args or {}).get("scenario")
        if scenario is not None and request.method != "GET" and is_name(scenario):
            for system in systems.values():
                if isinstance(system, KeepsCopy):
                    system.changed(scenario)
        return answer

    _add_clock(plane, scenarios)
    _add_records(plane, desk)
    _add_faults(plane, faults)
    _add_observations(plane, scenarios, journal=journal, index=index)
    add_room(plane, room)
    return plane


def _add_clock(plane: Blueprint, scenarios: Scenarios) -> None:
    def answer(scenario: str) -> Response:
        state = scenarios.state(_name(scenario))
        now = state.now(scenarios.real_us()).isoformat()
        scale = state.speed / 1000
        return _json({"now": now, "mode": state.mode, "scale": scale, "generation": state.generation})

    @plane.post(f"{_PREFIX}/reset")
    def reset(scenario: str) -> Response:
        """Begin a new generation."""
        return _json({"generation": scenarios.reset(_name(scenario))})

    @plane.get(f"{_PREFIX}/clock")
    def clock(scenario: str) -> Response:
        """Show the clock."""
        return answer(scenario)

    @plane.put(f"{_PREFIX}/clock")
    def set_clock(scenario: str) -> Response:
        """Move the clock, or change how it runs."""
        order = read_clock(_body())
        scenarios.set_clock(_name(scenario), now=order.now, mode=order.mode, scale=order.scale)
        return answer(scenario)

    @plane.post(f"{_PREFIX}/clock/advance")
    def advance(scenario: str) -> Response:
        """Move the clock forward."""
        scenarios.advance(_name(scenario), read_seconds(_body()))
        return answer(scenario)


def _add_records(plane: Blueprint, desk: Desk) -> None:
    @plane.get(f"{_PREFIX}/personas")
    def personas(scenario: str) -> Response:
        """List the persons made for a rule."""
        _name(scenario)
        return _json({"personas": desk.personas()})

    @plane.post(f"{_PREFIX}/truth")
    def truth(scenario: str) -> Response:
        """Tell the truth about a person."""
        patient, kind = read_truth(_body())
        return _json(desk.truth(_name(scenario), patient, kind))

    @plane.post(f"{_PREFIX}/events")
    def write(scenario: str) -> Response:
        """Write an entry now."""
        patient, partial = read_partial(_body())
        return _json({"event": desk.write(_name(scenario), patient, partial).to_json()}, 201)

    @plane.post(f"{_PREFIX}/events/change")
    def change(scenario: str) -> Response:
        """Change an entry now."""
        return _json({"event": desk.change(_name(scenario), read_change(_body())).to_json()})


def _add_faults(plane: Blueprint, faults: FaultDesk) -> None:
    @plane.get(f"{_PREFIX}/faults")
    def list_faults(scenario: str) -> Response:
        """List the scenario's faults."""
        return _json({"faults": faults.all(_name(scenario))})

    @plane.post(f"{_PREFIX}/faults")
    def add_fault(scenario: str) -> Response:
        """Ask for a fault, or for a preset of several."""
        name, wanted = _name(scenario), _body()
        if "preset" in wanted:
            return _json(faults.add_preset(name, wanted), 201)
        return _json({"id": faults.add(name, wanted)}, 201)

    @plane.delete(f"{_PREFIX}/faults")
    def clear_faults(scenario: str) -> Response:
        """Take all faults away."""
        faults.clear(_name(scenario))
        return _json({"faults": []})


def _add_observations(
    plane: Blueprint, scenarios: Scenarios, *, journal: Journal, index: IndexReceiver
) -> None:
    @plane.get(f"{_PREFIX}/journal")
    def calls(scenario: str) -> Response:
        """Show the calls the systems got."""
        return _json({"calls": journal.calls(scenarios.state(_name(scenario)))})

    @plane.delete(f"{_PREFIX}/journal")
    def clear_journal(scenario: str) -> Response:
        """Forget the calls."""
        journal.clear(scenarios.state(_name(scenario)))
        return _json({"calls": []})

    @plane.get(f"{_PREFIX}/index")
    def contents(scenario: str) -> Response:
        """Show what the engagement index knows."""
        return _json(index.contents(scenarios.state(_name(scenario))))

    @plane.delete(f"{_PREFIX}/index")
    def clear_index(scenario: str) -> Response:
        """Empty the engagement index."""
        state = scenarios.state(_name(scenario))
        index.clear(state)
        return _json(index.contents(state))


def problem_response(problem: ProblemError) -> Response:
    """Return *problem* as an HTTP answer."""
    return Response(problem.body(), status=problem.status, content_type=CONTENT_TYPE)


def _body() -> dict[str, Any]:
    return read_body(request.get_data(cache=False))


def _json(document: object, status: int = 200) -> Response:
    body = orjson.dumps(msgspec.to_builtins(document))
    return Response(
        body, status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _name(scenario: str) -> str:
    if not is_name(scenario):
        raise ProblemError(404, "unknown-scenario", "A scenario's name is 1-64 of a-z, 0-9 and hyphen")
    return scenario
