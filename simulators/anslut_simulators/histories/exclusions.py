"""Text that must not reach the resident: put into generated notes now and then, each with its own token."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.histories.texts import pick
from anslut_simulators.histories.wordings import suiting
from anslut_simulators.population.draws import below
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Atom

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.histories.plan import Visit
    from anslut_simulators.histories.values import Values
    from anslut_simulators.population.permutation import Permutation
    from anslut_simulators.population.world import World

_PER_MILLE: Final = 1000
_LETTERS: Final = "BCDFGHJKLMNPQRSTVXZW"
_PLACES: Final = 38
_YEARS_FROM: Final = 2010


@lru_cache(maxsize=4)
def _permutation(world: World) -> Permutation:
    return world.permutation("canary", size=1 << _PLACES)


def canary(world: World, *, number: int, visit: Visit, turn: int) -> str:
    """Return a reference like `KB-4821-LTRV` that no other text of the world has.

    Person number, year, visit and *turn* (0 … 3) fill 24 + 5 + 7 + 2 bits, which a permutation scatters.
    """
    place = ((number << 5 | (visit.year - _YEARS_FROM)) << 7 | visit.place) << 2 | turn
    rest = _permutation(world).forward(place)
    rest, tail = divmod(rest, len(_LETTERS) ** 4)
    head, digits = divmod(rest, 10_000)
    letters = ""
    for _ in range(4):
        tail, letter = divmod(tail, len(_LETTERS))
        letters += _LETTERS[letter]
    first, second = divmod(head, len(_LETTERS))
    return f"{_LETTERS[first]}{_LETTERS[second]}-{digits:04}-{letters}"


def _fits(rule: Mapping[str, Any], age: int) -> bool:
    low, high = rule["ages"]
    return bool(low <= age <= high)


def excluded_atom(  # noqa: PLR0913 - what a text depends on
    world: World, *, number: int, visit: Visit, values: Values, headings: Mapping[str, str], event: str
) -> Atom | None:
    """Return the excluded piece of the visit's note, or None for the many that have none."""
    rest = below(visit.words[6], _PER_MILLE)
    for rule in read_table("exclusions.toml")["keyword"]:
        rest -= rule["per_mille"]
        if rest < 0:
            if not _fits(rule, visit.age):
                return None
            return _atom(
                world, rule, number=number, visit=visit, values=values, headings=headings, event=event
            )
    return None


def concern(world: World, *, number: int, visit: Visit, values: Values, event: str) -> Atom | None:
    """Return the text of a whole excluded note about a child, or None."""
    rule = read_table("exclusions.toml")["template"]
    if not _fits(rule, visit.age) or below(visit.words[7], _PER_MILLE) >= rule["per_mille"]:
        return None
    return _atom(world, rule, number=number, visit=visit, values=values, headings={}, event=event, turn=1)


def staff_sensitivity(visit: Visit) -> str | None:
    """Return a protection level that hides the note from staff, not from the resident; mostly None."""
    rule = read_table("exclusions.toml")["sensitivity"]
    if below(visit.words[7], _PER_MILLE) < _PER_MILLE - rule["per_mille"]:
        return None
    level: str = pick(rule["levels"], visit.words[7])
    return level


def _atom(  # noqa: PLR0913 - what a text depends on
    world: World,
    rule: Mapping[str, Any],
    *,
    number: int,
    visit: Visit,
    values: Values,
    headings: Mapping[str, str],
    event: str,
    turn: int = 0,
) -> Atom:
    token = canary(world, number=number, visit=visit, turn=turn)
    values["dnr"] = token
    text = pick(suiting(rule["text"], visit.age, values.sex), visit.words[13]).format_map(values)
    path = tuple(step.format_map(headings) for step in rule["path"])
    return Atom(id=f"{event}-9", path=path, text=text, reason=rule["reason"], canary=token)
