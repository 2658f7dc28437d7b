"""What the golden vectors hold, computed afresh: run as a script it prints them as JSON.

The same output must come from every process, hash seed, order and Python version. A change of these values is
a new version of the world.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from typing import Any

from anslut_simulators.population import World, default_population
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.names import given_name

TYPES = ("care-documentation", "diagnoses", "laboratory-results")


def _digest(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def vectors(*, backwards: bool = False) -> dict[str, Any]:
    """Return the vectors; *backwards* asks for everything in the opposite order."""
    world, population = World(), default_population()
    small = world.permutation("test", 7, size=33)
    words = world.draws.of(12345).section(label("test", "draw", 3))
    until = world.clock_start
    people = [
        person
        for stratum in ("official", "scale")
        for person in population.sample(12, region="fjallmark", stratum=stratum, label="golden")
    ]
    asked = [(person, type_) for person in people for type_ in TYPES]
    if backwards:
        asked.reverse()
    answers = {
        (person.number, type_): [
            event.to_json() for event in population.history(person.identity, type_, until=until)
        ]
        for person, type_ in asked
    }
    return {
        "key": world.key.hex(),
        "label": label("ev", 2023, "å").hex(),
        "words": list(words[:4]),
        "below": [below(words[0], 10), below(words[0], 1000)],
        "forward": [small.forward(place) for place in range(33)],
        "given_name": given_name(born_year=1984, sex="F", word=words[1]),
        "count": population.count,
        "people": {
            str(person.number): {
                "born": person.birth_date.isoformat(),
                "sex": person.sex,
                "name": person.name,
                "unit": person.home_unit,
                "guardians": len(person.guardians),
                "children": len(person.children),
                "events": [len(answers[person.number, type_]) for type_ in TYPES],
                "digest": _digest([answers[person.number, type_] for type_ in TYPES]),
            }
            for person in people
        },
        "regions": {
            name: [person.number for person in population.sample(3, region=name, stratum="scale")]
            for name in sorted(population.regions)[:4]
        },
    }


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(vectors(backwards="backwards" in sys.argv), ensure_ascii=False, indent=1) + "\n"
    )
