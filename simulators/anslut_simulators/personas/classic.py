"""The ten classic test persons, TC1 to TC10, by role: who plays them here.

Most of their numbers are on no list of test numbers, so the roles are played by personas, and found by name.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One role, and the *persona* that plays it; *keeps_number* when that has the number the role always had."""

    role: str
    persona: str
    keeps_number: bool
    sv: str
    en: str


@cache
def classic_test_persons() -> Mapping[str, Role]:
    """Return the ten, by role: `TC1` to `TC10`."""
    found = msgspec.convert(read_table("test_persons.json")["test_persons"], list[Role])
    return {one.role: one for one in found}


def persona_name(text: str) -> str:
    """Return the name of the persona that *text* stands for: a role such as `TC4`, or a persona's own name."""
    name = text.strip()
    known = classic_test_persons().get(name.upper())
    return name.lower() if known is None else known.persona
