"""A persona's tale that was told once stands until its next change, and is what telling it anew would give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from anslut_simulators.personas import stories
from anslut_simulators.personas.stories import story_events
from anslut_simulators.population import default_population
from anslut_simulators.population.world import default_world

TYPES = ("care-documentation", "diagnoses", "laboratory-results", "referral-status", "care-contacts")
PERSONAS = default_population().personas()
LAST = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("type_name", TYPES)
def test_a_clock_that_goes_back_and_forth_sees_what_stood_then(type_name: str) -> None:
    """Whichever times it was told at before, what it tells at one is what a new teller would say."""
    chance = Random(type_name)  # noqa: S311 - not a secret
    for name in chance.sample(sorted(PERSONAS), 25):
        persona = PERSONAS[name]
        remembered = stories._Tale(persona, type_name, default_world())
        for _ in range(8):
            until = LAST - timedelta(minutes=chance.randrange(5_000_000))
            anew = stories._Tale(persona, type_name, default_world()).told(until)

            assert remembered.told(until) == anew, (name, until)


def test_nothing_is_told_again_before_something_changes() -> None:
    """Each page of a long record is asked for at a later second: the same events serve them all."""
    tale = stories._Tale(PERSONAS["manga-poster"], "care-documentation", default_world())

    assert tale.told(LAST) is tale.told(LAST + timedelta(seconds=1))


def test_an_entry_is_there_from_its_very_second() -> None:
    """The second before it is not: a tale ends where the next begins."""
    persona = PERSONAS["anna-vuxen"]

    def at(until: datetime) -> int:
        return len(story_events(persona, "care-documentation", system=persona.system, until=until))

    events = story_events(persona, "care-documentation", system=persona.system, until=LAST)
    entered = max(event.author.time for event in events)
    assert at(entered - timedelta(seconds=1)) < at(entered) == len(events)
