"""Visits that are planned for: the yearly control of long-term conditions, and the child health programme."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from anslut_simulators.histories.courses import Block, Course, chronic_courses, parts_of
from anslut_simulators.population.tables import read_table


@lru_cache(maxsize=1)
def child_programme() -> tuple[tuple[int, Block, str | None], ...]:
    """Return the child health programme: age in days, the visit, and the diagnosis if one is made."""
    code = read_table("note_templates.toml")["BVC"]["code"]
    return tuple(
        (
            visit["days"],
            Block(
                template="BVC",
                note_code=code,
                where="child-health",
                staff=(visit["staff"],),
                parts=parts_of("BVC", visit),
            ),
            visit.get("diagnosis"),
        )
        for visit in read_table("child_health.toml")["visit"]
    )


@lru_cache(maxsize=4096)
def _control_block_of(codes: tuple[str, ...]) -> Block:
    known = [course for course in chronic_courses() if course.code in codes]
    names = [course.name for course in known][:4]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} och {names[-1]}"
    texts: dict[str, Any] = {
        "orsak": [[f"Årskontroll av {listed}.", f"Kontroll av {listed}.", f"Planerat återbesök: {listed}."]],
    }
    for role in ("anamnes", "lakemedel", "status", "bedomning", "plan"):
        lines = [
            list(course.medicines if role == "lakemedel" else course.control[role]) for course in known[:4]
        ]
        texts[role] = [line for line in lines if line]
    general = read_table("background.toml")
    texts["anamnes"].append(general["control_anamnes"])
    texts["status"].append(general["control_status"])
    texts["plan"].append(general["control_plan"])
    if not texts["lakemedel"]:
        del texts["lakemedel"]
    template = "Läkarbesök primärvård"
    specialist = known[0].where != "primary-care"
    return Block(
        template="Läkarbesök sjukhus" if specialist else template,
        note_code="bes",
        where=known[0].where,
        staff=("specialistlakare" if specialist else "distriktslakare",),
        parts=parts_of("Läkarbesök sjukhus" if specialist else template, texts),
    )


def control_block(known: tuple[Course, ...]) -> Block:
    """Return the visit that controls all of *known*; at most four are written about."""
    return _control_block_of(tuple(course.code for course in known))
