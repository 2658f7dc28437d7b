"""Growth: what was measured, on whom, when as exactly as the source knows, and the value in the contract's unit."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from anslut_simulators.population.identities import birth_date_of, decode_nrid, sex_of
from anslut_simulators.truth.growth_observations import Growth

from anslut_conformance.facts import STOCKHOLM, Fact, code_facts, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_conformance.oracle import Expected

_SEXES = {"M": "1", "F": "2"}


def owed_identifier(one: Expected) -> object:
    """Return the code of what was measured."""
    return one.event.holding(Growth).code.code


def identifier(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return the code of what was measured."""
    del header
    return (body.get("type") or {}).get("code")


def occurred(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return when it was measured, as the entry says it."""
    del header
    times = body.get("time") or {}
    return times.get("start", times.get("end"))


def owed_occurred(one: Expected) -> object:
    """Return when it was measured; where only the day is known, its first second."""
    if not one.event.holding(Growth).day_only:
        return one.occurred_at
    return datetime.combine(one.occurred_at.astimezone(STOCKHOLM).date(), time(), STOCKHOLM)


def facts(
    one: Expected, header: Mapping[str, Any], body: Mapping[str, Any], related: Mapping[str, set[str]]
) -> Iterator[Fact]:
    """Yield what a measurement must say."""
    del related
    said = one.event.holding(Growth)
    yield "header.blockComparisonTime", one.author.time, instant(header.get("blockComparisonTime"))
    yield from code_facts("body.type", said.code, body)
    for end, told in (body.get("time") or {}).items():
        yield f"body.time.{end}", owed_occurred(one), instant(told)
        yield (
            f"body.time.{end} (exactness)",
            _exactness(said),
            "day" if len(str(told)) == len("YYYY-MM-DD") else "time",
        )
    value = (body.get("value") or {}).get("pq") or {}
    yield "body.value.pq.value", Decimal(said.value), _number(value.get("value"))
    yield "body.value.pq.unit", said.unit, value.get("unit")
    yield "body.valueNegation", False, body.get("valueNegation")
    yield from _patient_facts(one, body.get("patient") or {})


def _patient_facts(one: Expected, patient: Mapping[str, Any]) -> Iterator[Fact]:
    extension = one.asked.extension
    reserve = decode_nrid(extension)
    if reserve is None:
        born, sex = birth_date_of(extension), sex_of(extension)
    else:
        born, sex, _ = reserve
    yield "body.patient.dateOfBirth", born.isoformat(), patient.get("dateOfBirth")
    if patient.get("gender") is not None:
        yield "body.patient.gender", _SEXES[sex], patient["gender"].get("code")


def _exactness(said: Growth) -> str:
    return "day" if said.day_only else "time"


def _number(text: object) -> object:
    """Return a decimal string as a number, so that 134 and 134.0 are equal; anything else as it stands."""
    try:
        return Decimal(text) if isinstance(text, str) else text
    except InvalidOperation:
        return text
