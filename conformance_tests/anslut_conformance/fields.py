"""Which facts an entry is recognised by, and what its fields must say: what every type has, and `meaning` the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_contracts import information_types

from anslut_conformance.facts import ABSENT, Fact, actor_facts, instant
from anslut_conformance.meaning import meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from anslut_conformance.compare import Mismatch
    from anslut_conformance.oracle import Expected

    Entry = Mapping[str, Any]
    Key = tuple[object, ...]


def expected_key(one: Expected) -> Key:
    """Return what the entry of *one* is recognised by."""
    return (
        one.type,
        one.unit.hsa_id,
        _owed_time(one),
        one.author.time,
        meaning(one.type).owed_identifier(one),
        one.author.hsa_id,
    )


def _owed_time(one: Expected) -> object:
    """Return when *one* happened, as precisely as its type can say it."""
    owed = getattr(meaning(one.type), "owed_occurred", None)
    return one.occurred_at if owed is None else owed(one)


def order_time(type_: str, entry: Entry) -> object:
    """Return the time that entries of *type_* are ordered by: when it happened, else when it was entered."""
    header = entry["header"]
    occurred = instant(meaning(type_).occurred(header, entry.get("body") or {}))
    return instant((header.get("author") or {}).get("time")) if occurred is ABSENT else occurred


def entry_key(entry: Entry, type_: str) -> Key:
    """Return what *entry*, of the information type *type_*, is recognised by."""
    header, body = entry["header"], entry.get("body") or {}
    author = header.get("author") or {}
    said = meaning(type_)
    return (
        type_,
        header.get("careUnitHsaId"),
        instant(said.occurred(header, body)),
        instant(author.get("time")),
        said.identifier(header, body),
        author.get("hsaId"),
    )


def looser_keys() -> list[Callable[[Key], Key]]:
    """Return ways to recognise an entry by fewer facts, the strictest first."""
    return [
        lambda key: key[:5],  # another author
        lambda key: (key[0], *key[2:5]),  # another unit
        lambda key: (*key[:3], key[4]),  # another time of entry
        lambda key: (*key[:2], *key[3:5]),  # another time of the event
        lambda key: key[:4],  # another code
    ]


def differences(one: Expected, entry: Entry, related: Mapping[str, set[str]]) -> Iterator[Mismatch]:
    """Yield every field of *entry* that says something else than *one*; *related*: event id to its documentIds."""
    from anslut_conformance.compare import Mismatch  # noqa: PLC0415 - compare uses this module

    for field, wanted, got in _facts(one, entry, related):
        if wanted != got:
            yield Mismatch(
                field=field,
                expected=wanted,
                got=got,
                event_id=one.event_id,
                document_id=str(entry["header"].get("documentId")),
            )


def _facts(one: Expected, entry: Entry, related: Mapping[str, set[str]]) -> Iterator[Fact]:
    header, body = entry["header"], entry.get("body") or {}
    yield from _header_facts(one, header)
    yield from meaning(one.type).facts(one, header, body, related)


def _header_facts(one: Expected, header: Mapping[str, Any]) -> Iterator[Fact]:
    patient = header.get("patientId") or {}
    yield (
        "header.patientId",
        (one.asked.root, one.asked.extension),
        (patient.get("root"), patient.get("extension")),
    )
    forbidden = information_types()[one.type].header_forbids
    if "careUnitHsaId" not in forbidden:
        yield "header.careUnitHsaId", one.unit.hsa_id, header.get("careUnitHsaId")
    yield "header.careProviderHsaId", one.unit.care_provider_hsa_id, header.get("careProviderHsaId")
    author = header.get("author") or {}
    yield from actor_facts("header.author", one.author, author)
    if "signature" in forbidden:
        return
    signature = header.get("signature")
    if one.signature is None:
        yield "header.signature", ABSENT, ABSENT if signature is None else signature
    elif signature is None:
        yield "header.signature", one.signature.time, ABSENT
    else:
        for fact in actor_facts("header.signature", one.signature, signature):
            if fact[0].removeprefix("header.") not in forbidden:
                yield fact
