"""What a source system sends about a persona, made readable but neither translated nor shortened."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import requests
from lxml import etree

from anslut_simulators.native.door import Door, dialect
from anslut_simulators.population.country import default_population
from anslut_simulators.population.printing import kind_of, named
from anslut_simulators.server import serve_region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.native.door import Dialect, Native
    from anslut_simulators.truth import Identity


def native_lines(persona: str, system: str) -> Iterator[str]:
    """Yield everything that *system* answers about *persona* over its own door, under each identity, page by page.

    A system that fails for the persona, which some are made for, is told of in a line. Raise `LookupError` when there
    is no such persona, or when its region has no such system.
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
        for identity in person.identities:
            yield f"Frågat med {kind_of(identity)}"
            try:
                yield from _answered(dialect(installed.program), door, identity)
            except requests.HTTPError as error:
                yield f"Systemet svarade HTTP {error.response.status_code} i stället för med uppgifter."
                yield ""
            except requests.Timeout:
                yield "Systemet svarade inte i tid."
                yield ""
            except ValueError:
                yield "Systemets svar går inte att läsa: det slutar mitt i, eller är något annat än det säger."
                yield ""


def _answered(asked: Dialect, door: Door, identity: Identity) -> Iterator[str]:
    """Yield the answers about *identity*, those after the first to one question with a number."""
    pages: Counter[str] = Counter()
    for answer in asked.person(door, identity):
        if not answer.body:
            continue
        pages[answer.what] += 1
        yield ""
        yield f"── {answer.what}" + (f", svar {pages[answer.what]}" if pages[answer.what] > 1 else "")
        yield from _lines(answer)
    if not pages:
        yield "Systemet känner ingen sådan person."
    yield ""


def _lines(answer: Native) -> list[str]:
    try:
        return _laid_out(answer)
    except (etree.XMLSyntaxError, ValueError):  # a persona's source may break off on purpose
        return ["Svaret går inte att läsa. Så här såg det ut:", *answer.text().splitlines()]


def _laid_out(answer: Native) -> list[str]:
    if answer.form == "xml":
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
        root = etree.fromstring(answer.body, parser)
        return etree.tostring(root, pretty_print=True, encoding="unicode").splitlines()
    if answer.form == "json":
        return json.dumps(answer.json(), ensure_ascii=False, indent=2).splitlines()
    return answer.text().splitlines()
