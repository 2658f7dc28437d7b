"""Many notes after one pattern, for a persona with a long record."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from itertools import count, islice
from typing import TYPE_CHECKING

from anslut_simulators.histories.school import is_school_day
from anslut_simulators.personas import NoteStory, Persona, Piece, Series
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.identities import official_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from anslut_simulators.population.draws import Section
    from anslut_simulators.population.world import World


@lru_cache(maxsize=8)
def notes_of(series: Series, persona: Persona, world: World) -> tuple[NoteStory, ...]:
    """Return the notes of *series*, oldest first."""
    draws = world.draws.of(official_index(persona.identity.extension) or 0)
    return tuple(
        _note(series, place, start, draws.section(label("series", series.id, place)))
        for place, start in enumerate(islice(_starts(series), series.count))
    )


def _starts(series: Series) -> Iterator[datetime]:
    """Yield every time that the pattern gives, without those on days when a school is closed where it is for one."""
    for turn in count():
        start = series.first + timedelta(minutes=series.every_minutes * turn)
        if not series.school_days or is_school_day(start.date()):
            yield start


def _note(series: Series, place: int, start: datetime, words: Section) -> NoteStory:
    at = start + timedelta(minutes=below(words[0], 7))
    signed = place % series.unsigned_every != series.unsigned_every - 1
    values = {
        "datum": f"{at.day}/{at.month} {at.year}",
        "glukos": _decimal(58 + below(words[1], 82)),
        "sida": ("höger", "vänster")[below(words[2], 2)],
        "sar": f"{6 + below(words[3], 22)} x {5 + below(words[4], 14)}",
        "sys": 118 + below(words[5], 34),
        "dia": 64 + below(words[6], 22),
        "puls": 58 + below(words[7], 30),
        "vikt": _decimal(795 + below(words[8], 40)),
    }
    return NoteStory(
        id=f"{series.id}-{place + 1}",
        at=at,
        entered=at + timedelta(minutes=series.entered_after_minutes),
        signed=at + timedelta(minutes=series.signed_after_minutes) if signed else None,
        unit=series.unit,
        staff=series.staff[below(words[9], len(series.staff))],
        template=series.template,
        code=series.code,
        text=tuple(
            Piece(path=piece.path, text=piece.text.format_map(values))
            for piece in series.text[place % len(series.text)]
        ),
    )


def _decimal(tenths: int) -> str:
    return f"{tenths // 10},{tenths % 10}"
