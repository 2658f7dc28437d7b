"""A persona's first entries as a source system sends them, made readable but not translated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from anslut_simulators.native.door import Door, dialect
from anslut_simulators.population.country import default_population
from anslut_simulators.population.printing import named
from anslut_simulators.server import serve_region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.native.door import Native

_SHOWN: Final = 2
_LINES: Final = 6


def native_lines(persona: str, system: str) -> Iterator[str]:
    """Yield what *system* answers about *persona* over its own door, of every long list the first two.

    Raise `LookupError` when there is no such persona, or when its region has no such system.
    """
    population = default_population()
    found = named(persona, population.personas(), "persona")
    person = found.person
    region = population.regions[person.region]
    installed = named(system, {one.system: one for one in region.systems}, "system")
    with serve_region(person.region) as running:
        if found.clock is not None:
            running.control().set_clock(found.clock)
        door = Door(running, installed.system, "demo")
        asked = dialect(installed.program)
        told: dict[str, int] = {}
        for identity in person.identities:
            for answer in asked.person(door, identity):
                told[answer.what] = told.get(answer.what, 0) + 1
                if told[answer.what] > 1 or not answer.body:
                    continue
                yield ""
                yield f"── {answer.what}"
                yield from _lines(answer)


def _lines(answer: Native) -> Iterator[str]:
    if answer.form == "xml":
        yield from _xml(answer)
    elif answer.form == "json":
        yield from json.dumps(_shortened(answer.json()), ensure_ascii=False, indent=2).splitlines()
    else:
        lines = answer.text().splitlines()
        yield from lines[:_LINES]
        if len(lines) > _LINES:
            yield f"… {len(lines) - _LINES} till"


def _shortened(value: Any) -> Any:  # noqa: ANN401 - whatever the system says
    """Return *value* with the first of every long list of objects, and how many more there are."""
    if isinstance(value, dict):
        return {name: _shortened(inner) for name, inner in value.items()}
    if isinstance(value, list):
        kept = [_shortened(inner) for inner in value[:_SHOWN]]
        return [*kept, f"… {len(value) - _SHOWN} till"] if len(value) > _SHOWN else kept
    return value


def _xml(answer: Native) -> Iterator[str]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
    root = etree.fromstring(answer.body, parser)
    for parent in list(root.iter()):
        seen: dict[object, int] = {}
        for child in list(parent):
            seen[child.tag] = seen.get(child.tag, 0) + 1
            if seen[child.tag] > _SHOWN:
                parent.remove(child)
        more = sum(count - _SHOWN for count in seen.values() if count > _SHOWN)
        if more:
            parent.append(etree.Comment(f" … {more} till "))
    yield from etree.tostring(root, pretty_print=True, encoding="unicode").splitlines()
