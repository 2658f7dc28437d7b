"""What broken rules amount to for a patient, in words that are not about software."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import anslut_contracts

if TYPE_CHECKING:
    from collections.abc import Collection

_GRAVEST_FIRST = ("wrong person", "shown though protected", "missing", "misleading", "cosmetic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """One thing that happens to patients, and the broken *rules* it was seen by."""

    rules: tuple[str, ...]
    grade: str
    sv: str
    en: str


def consequences(broken: Collection[str]) -> list[Consequence]:
    """Return what the *broken* rules amount to, gravest first.

    Every broken rule is in at least one; a rule without a story of its own is told by its title.
    """
    stories = json.loads(files(__package__).joinpath("consequences.json").read_text(encoding="utf-8"))
    catalogue = anslut_contracts.rules()
    found = [
        Consequence(rules=seen, grade=_grade(seen), sv=story["sv"], en=story["en"])
        for story in stories["consequences"]
        if (seen := tuple(rule for rule in story["rules"] if rule in broken))
    ]
    told = {rule for one in found for rule in one.rules}
    found += [
        Consequence(
            rules=(rule,),
            grade=_grade((rule,)),
            sv=f"{catalogue[rule].title_sv}: det gäller inte här.",
            en=f"{catalogue[rule].title_en}: not so here.",
        )
        for rule in sorted(set(broken) - told)
    ]
    return sorted(found, key=lambda one: (_GRAVEST_FIRST.index(one.grade), one.rules))


def _grade(rules: tuple[str, ...]) -> str:
    grades = {anslut_contracts.rules()[rule].consequence for rule in rules}
    return min(grades, key=_GRAVEST_FIRST.index)
