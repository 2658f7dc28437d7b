"""Made-up staff: every unit has the same few people in each role, so a patient meets known names again."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.population.draws import below, label
from anslut_simulators.population.names import given_name, surnames
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Actor, Code

if TYPE_CHECKING:
    from datetime import datetime

    from anslut_simulators.population.draws import PersonDraws
    from anslut_simulators.population.identities import Sex
    from anslut_simulators.population.world import World

STAFF_PER_ROLE = 5
_CHILD_HEALTH: Final = label("child-health-staff")
_KNOWS_A_CHILD_FOR_DAYS: Final = 900


class StaffMember(msgspec.Struct, frozen=True, kw_only=True):
    """One member of a unit's staff."""

    hsa_id: str
    name: str
    role: Code

    def at(self, time: datetime) -> Actor:
        """Return the member as somebody who did something at *time*."""
        return Actor(time=time, hsa_id=self.hsa_id, name=self.name, role=self.role)


def place_at_child_health(draws: PersonDraws, days: int) -> int:
    """Return which of a role's staff a child meets at *days* of age: the same for years, whatever is written."""
    return (draws.section(_CHILD_HEALTH)[0] + days // _KNOWS_A_CHILD_FOR_DAYS) % STAFF_PER_ROLE


@lru_cache(maxsize=64)
def role_code(role: str) -> Code:
    """Return the role's code, or its text alone where no code is known."""
    table = read_table("roles.json")
    entry = table["roles"][role]
    if "code" not in entry:
        return Code(original_text=entry["text"])
    return Code(code=entry["code"], code_system=table["code_system"], display_name=entry["text"])


@lru_cache(maxsize=16384)
def staff_member(world: World, unit_hsa_id: str, role: str, place: int) -> StaffMember:
    """Return number *place* (0 … 4) of those who are *role* at the unit."""
    words = world.draws.of(0).section(label("staff", unit_hsa_id, role, place))
    sex: Sex = "F" if below(words[0], 100) < 64 else "M"  # noqa: PLR2004 - percent
    given = given_name(born_year=1958 + below(words[1], 38), sex=sex, word=words[2])
    organisation, _, unit = unit_hsa_id.partition("-")
    number = f"{unit[1:]}{read_table('roles.json')['roles'][role]['id']:02}{place + 1}"
    return StaffMember(
        hsa_id=f"{organisation}-P{number}", name=f"{given} {surnames().draw(words[3])}", role=role_code(role)
    )
