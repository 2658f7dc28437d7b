"""Facts that an entry must say: (field, owed, got), compared as they stand.

Times are compared as instants; codes by code, OID and text; a field the truth does not know must be absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_simulators.truth import Actor, Code

STOCKHOLM = ZoneInfo("Europe/Stockholm")
Fact = tuple[str, object, object]


@dataclass(frozen=True, slots=True)
class Absent:
    """What an absent field is compared as."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent()


def actor_facts(field: str, actor: Actor, got: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield time, HSA-id, name and role of somebody who wrote or signed, for what the truth knows of them."""
    yield f"{field}.time", actor.time, instant(got.get("time"))
    if actor.hsa_id is not None:
        yield f"{field}.hsaId", actor.hsa_id, got.get("hsaId")
    if actor.name is not None:
        yield f"{field}.name", actor.name, got.get("name")
    if actor.role is not None and actor.role.code is not None and got.get("role") is not None:
        yield f"{field}.role", actor.role.code, got["role"].get("code")


def code_facts(field: str, code: Code, holder: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield code, OID and text of a coded field, or its original text where there is no code."""
    got = holder.get(field.rsplit(".", 1)[-1]) or {}
    if code.code is None:
        yield f"{field}.code", ABSENT, got.get("code", ABSENT)
        yield f"{field}.originalText", code.original_text, got.get("originalText")
        return
    yield f"{field}.code", code.code, got.get("code")
    yield f"{field}.codeSystem", code.code_system, got.get("codeSystem")
    if code.display_name is not None:
        yield f"{field}.displayName", code.display_name, got.get("displayName")


def instant(value: object) -> object:
    """Return an RFC 3339 time as an aware datetime, and a date as its first second in Sweden.

    Anything else comes as it is, so that it differs and is shown.
    """
    if not isinstance(value, str):
        return ABSENT if value is None else value
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return found if found.tzinfo is not None else found.replace(tzinfo=STOCKHOLM)
