"""What the nurse at child health writes of vaccines is what the register has: two systems, one child."""

from __future__ import annotations

import re

from anslut_simulators.population import default_population
from anslut_simulators.truth.vaccinations import Vaccination

DOSE = re.compile(r"([A-ZÅÄÖ][\w -]*?) dos (\d)")


def test_the_note_and_the_register_tell_the_same_doses() -> None:
    """Every vaccine a note names was registered that day, and a day with registered ones is told of."""
    population = default_population()
    now = population.world.clock_start
    told = 0
    for person in population.sample(1400, region="fjallmark"):
        if person.birth_date.year < 2016:
            continue
        doses = {
            (event.occurred_at.date(), dose.product or "", dose.number)
            for event in population.history(person, "vaccinations", system="vaxreg", until=now)
            if event.state == "entered"
            for dose in event.holding(Vaccination).doses
        }
        for note in population.history(person, "care-documentation", system="kosmos", until=now):
            text = " ".join(atom.text for atom in note.atoms)
            if note.template != "BVC" or " ges." not in text:
                continue
            for name, number in DOSE.findall(text):
                told += 1
                assert any(
                    day == note.occurred_at.date() and name.endswith(known) and turn == int(number)
                    for day, known, turn in doses
                ), (note.occurred_at, name, number)
    assert told > 50
