"""The control room's routes: pages to look at, and forms that do what the JSON calls do."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Blueprint, Response, redirect, request

from anslut_simulators.control.room.forms import (
    change_in,
    entry_in,
    fault_in,
    number_in,
    preset_in,
    time_in,
)
from anslut_simulators.control.room.room import address
from anslut_simulators.problems import ProblemError, invalid
from anslut_simulators.scenario import is_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut_simulators.control.room.room import Room

PAGES: Final = "room_"
"""What the names of these routes begin with: browsers are shown them, so they are shown to local names only."""

_PREFIX: Final = "/room/<scenario>"
_FILES: Final = {"htmx.min.js": "text/javascript", "room.js": "text/javascript", "room.css": "text/css"}
_FAR_SECONDS: Final = {"hour": 3600, "day": 86_400, "week": 604_800}


def add_room(plane: Blueprint, room: Room) -> None:
    """Add the pages of *room* to the control plane."""

    @plane.get("/room-files/<name>")
    def room_file(name: str) -> Response:
        """Return a script or the stylesheet."""
        if name not in _FILES:
            raise ProblemError(404, "http-404", "Not Found")
        body = resources.files(__package__).joinpath("static", name).read_bytes()
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        answer = Response(body, content_type=f"{_FILES[name]}; charset=utf-8", headers=headers)
        answer.add_etag()
        return cast("Response", answer.make_conditional(request))

    @plane.get("/")
    def room_start() -> Response:
        """Show the systems of the first scenario."""
        return room.start("demo")

    @plane.post("/")
    def room_choose() -> Response:
        """Go to the scenario that was chosen."""
        name = request.form.get("scenario", "").strip()
        if not is_name(name):
            return room.start("demo", invalid("A scenario's name is 1-64 of a-z, 0-9 and hyphen."))
        return _to("systems", name)

    @plane.get(f"{_PREFIX}/")
    def room_systems(scenario: str) -> Response:
        """Show the systems."""
        return room.start(_name(scenario))

    @plane.post(f"{_PREFIX}/reset")
    def room_reset(scenario: str) -> Response:
        """Begin a new generation."""
        room.records.scenarios.reset(_name(scenario))
        return _to("systems", scenario, done="reset")

    _add_people(plane, room)
    _add_entries(plane, room)
    _add_clock(plane, room)
    _add_faults(plane, room)
    _add_observations(plane, room)


def _add_people(plane: Blueprint, room: Room) -> None:
    @plane.get(f"{_PREFIX}/people")
    def room_people(scenario: str) -> Response:
        """Show the personas."""
        return room.people(_name(scenario))

    @plane.post(f"{_PREFIX}/people")
    def room_search(scenario: str) -> Response:
        """Show the personas that fit, or go to the person who has the number."""
        wanted = request.form.get("wanted", "")[:200]
        identity = number_in(wanted, room.records)
        if identity is None:
            return room.people(_name(scenario), wanted)
        room.records.guard(identity)
        return _to("person", scenario, key=room.key(_name(scenario), identity))

    @plane.get(f"{_PREFIX}/person/<key>")
    def room_person(scenario: str, key: str) -> Response:
        """Show a person."""
        return room.person(_name(scenario), room.identity(scenario, key))


def _add_entries(plane: Blueprint, room: Room) -> None:
    @plane.post(f"{_PREFIX}/person/<key>/entries")
    def room_write(scenario: str, key: str) -> Response:
        """Write an entry now, or show it to be filled in first."""
        identity = room.identity(_name(scenario), key)
        if request.form.get("first"):
            return room.draft(scenario, identity, _only_what(entry_in(request.form, identity)))
        try:
            order = entry_in(request.form, identity)
            event = room.desk.write(scenario, identity, order)
        except ProblemError as problem:
            if "entry" in request.form and "|" in request.form.get("what", ""):
                system, _, type_name = request.form["what"].partition("|")
                return room.draft(scenario, identity, {"system": system, "type": type_name}, problem)
            return room.person(scenario, identity, problem)
        return _to("person", scenario, key=key, done="write", _anchor=event.id)

    @plane.post(f"{_PREFIX}/person/<key>/change")
    def room_change(scenario: str, key: str) -> Response:
        """Sign, countersign, finalise, remove, exclude, show again or move an entry."""
        identity = room.identity(_name(scenario), key)
        try:
            order = change_in(request.form, identity, room.records)
            room.desk.change(scenario, order)
        except ProblemError as problem:
            return room.person(scenario, identity, problem)
        return _to("person", scenario, key=key, done=order.change, _anchor=order.event_id)


def _only_what(order: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in order.items() if name in {"system", "type"}}


def _add_clock(plane: Blueprint, room: Room) -> None:
    @plane.get(f"{_PREFIX}/clock")
    def room_clock(scenario: str) -> Response:
        """Show the clock."""
        return room.page("clock", _name(scenario))

    @plane.post(f"{_PREFIX}/clock")
    def room_set_clock(scenario: str) -> Response:
        """Freeze, run, advance or set the clock."""
        scenarios, form, name = room.records.scenarios, request.form, _name(scenario)
        try:
            if form.get("mode") in {"frozen", "running"}:
                scenarios.set_clock(name, mode="frozen" if form["mode"] == "frozen" else "running")
            elif form.get("far") in _FAR_SECONDS:
                scenarios.advance(name, _FAR_SECONDS[form["far"]])
            else:
                scenarios.set_clock(name, now=time_in(form.get("now", "")))
        except ProblemError as problem:
            return room.page("clock", name, problem=problem)
        return _to("clock", name, done="clock")


def _add_faults(plane: Blueprint, room: Room) -> None:
    @plane.get(f"{_PREFIX}/faults")
    def room_faults(scenario: str) -> Response:
        """Show the faults."""
        return room.fault_page(_name(scenario))

    def asked(scenario: str, ask: Callable[[], object]) -> Response:
        try:
            ask()
        except ProblemError as problem:
            return room.fault_page(scenario, problem)
        return _to("faults", scenario, done="fault", system=request.form.get("system", ""))

    @plane.post(f"{_PREFIX}/faults")
    def room_add_fault(scenario: str) -> Response:
        """Ask for a fault."""
        name = _name(scenario)
        return asked(name, lambda: room.faults.add(name, fault_in(request.form, room.records)))

    @plane.post(f"{_PREFIX}/faults/preset")
    def room_add_preset(scenario: str) -> Response:
        """Ask for a preset."""
        name = _name(scenario)
        return asked(name, lambda: room.faults.add_preset(name, preset_in(request.form, room.records)))

    @plane.post(f"{_PREFIX}/faults/clear")
    def room_clear_faults(scenario: str) -> Response:
        """Take all faults away."""
        room.faults.clear(_name(scenario))
        return _to("faults", scenario, done="clear")


def _add_observations(plane: Blueprint, room: Room) -> None:
    @plane.get(f"{_PREFIX}/journal")
    def room_journal(scenario: str) -> Response:
        """Show the latest calls."""
        return room.calls(_name(scenario))

    @plane.post(f"{_PREFIX}/journal/clear")
    def room_clear_journal(scenario: str) -> Response:
        """Forget the calls."""
        room.journal.clear(room.records.scenarios.state(_name(scenario)))
        return _to("journal", scenario, done="clear")

    @plane.get(f"{_PREFIX}/index")
    def room_index(scenario: str) -> Response:
        """Show what the engagement index knows."""
        return room.index_page(_name(scenario))

    @plane.post(f"{_PREFIX}/index/clear")
    def room_clear_index(scenario: str) -> Response:
        """Empty the engagement index."""
        room.index.clear(room.records.scenarios.state(_name(scenario)))
        return _to("index", scenario, done="clear")


def _to(page: str, scenario: str, **where: str) -> Response:
    """Send the browser on, so that a page can be loaded again without doing it twice."""
    return cast("Response", redirect(address(page, scenario=scenario, **where), code=303))


def _name(scenario: str) -> str:
    if not is_name(scenario):
        raise ProblemError(404, "unknown-scenario", "A scenario's name is 1-64 of a-z, 0-9 and hyphen")
    return scenario
