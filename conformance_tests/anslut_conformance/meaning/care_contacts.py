"""Care contacts: what kind, how far it has come, from when to when, why and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_simulators.truth.care_contacts import CareContact

from anslut_conformance.facts import ABSENT, Fact, code_facts, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_conformance.oracle import Expected


def owed_identifier(one: Expected) -> object:
    """Nobody has two contacts at one time with one member of staff, so nothing more is needed."""
    del one
    return None


def identifier(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """As `owed_identifier`."""
    del header, body
    return None


def occurred(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return when the contact began; when it was entered, while it is only waited for."""
    period = body.get("careContactTimePeriod") or {}
    return period.get("start") or header["author"].get("time")


def facts(
    one: Expected, header: Mapping[str, Any], body: Mapping[str, Any], related: Mapping[str, set[str]]
) -> Iterator[Fact]:
    """Yield block time, kind, status, times, reason, and the unit where the entry names one."""
    del related
    contact = one.event.holding(CareContact)
    period = body.get("careContactTimePeriod") or {}
    yield "header.blockComparisonTime", one.author.time, instant(header.get("blockComparisonTime"))
    yield from code_facts("body.careContactCode", contact.kind_code, body)
    yield from code_facts("body.careContactStatus", contact.status_code, body)
    for name, time in (("start", contact.start), ("end", contact.end)):
        owed = ABSENT if time is None else time
        yield f"body.careContactTimePeriod.{name}", owed, instant(period.get(name))
    yield "body.careContactReason", contact.reason, body.get("careContactReason")
    unit = body.get("careContactOrgUnit") or {}
    if "hsaId" in unit:
        yield "body.careContactOrgUnit.hsaId", one.unit.hsa_id, unit["hsaId"]
