"""Referral status: which referral, what became of it and when, from whom and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_simulators.truth.referral_status import Referral

from anslut_conformance.facts import Fact, code_facts, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_simulators.truth.referral_status import Place

    from anslut_conformance.oracle import Expected

_HSA_ID = "1.2.752.129.2.1.4.1"


def owed_identifier(one: Expected) -> object:
    """Return the referral and the step."""
    said = one.event.holding(Referral)
    return (said.referral, said.status_code.code)


def identifier(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return the referral and the step in an entry."""
    del header
    return ((body.get("request") or {}).get("id"), (body.get("statusCode") or {}).get("code"))


def occurred(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return when the step was recorded."""
    del body
    return header.get("documentTime")


def facts(
    one: Expected, header: Mapping[str, Any], body: Mapping[str, Any], related: Mapping[str, set[str]]
) -> Iterator[Fact]:
    """Yield times, status, kind and form, who referred and who received."""
    del related
    said, request = one.event.holding(Referral), body.get("request") or {}
    yield "header.documentTime", one.occurred_at, instant(header.get("documentTime"))
    yield from code_facts("body.statusCode", said.status_code, body)
    yield "body.eventTime", said.time, instant(body.get("eventTime"))
    yield "body.request.id", said.referral, request.get("id")
    yield from code_facts("body.request.type", said.kind_code, request)
    yield from code_facts("body.request.medium", said.medium_code, request)
    author = request.get("author") or {}
    yield "body.request.author.name", said.referrer, author.get("name")
    yield from _place("body.request.author.organization", said.sender, author.get("organization") or {})
    receiver = request.get("receivingOrganization") or {}
    yield from _place("body.request.receivingOrganization", said.receiver, receiver)


def _place(field: str, owed: Place, got: Mapping[str, Any]) -> Iterator[Fact]:
    yield f"{field}.name", owed.name, got.get("name")
    known = got.get("id") or {}
    said = (known.get("root"), known.get("extension"))
    yield f"{field}.id", (_HSA_ID, owed.hsa_id) if owed.hsa_id else (None, None), said
