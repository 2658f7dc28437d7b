"""The rule catalogue: what a connector, the national service and a region must do, one file per chapter."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from anslut_contracts.documents import folder, read_json
from anslut_contracts.errors import RuleError
from anslut_contracts.validation import errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Chapter", "Rule", "Source", "chapters", "clause_hash", "rules"]

_ROOT = "rules/v1"
_FORMS = ("json", "rivta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a rule comes from: the clause in our own words, the document and place, and its date."""

    clause: str
    locator: str
    date: date

    def __str__(self) -> str:
        """Return document, place and date."""
        return f"{self.locator} ({self.date.isoformat()})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    *checks* is empty exactly when *not_tested_because* says why; `*` in *systems* or *types* is all. *forms* are those
    of the connector's doors that the rule can be broken in: `json`, `rivta`. *official_cases* are numbers of the
    national suites' test cases that look at the same thing.
    """

    id: str
    title_sv: str
    title_en: str
    text_sv: str
    text_en: str
    level: str
    binds: tuple[str, ...]
    systems: tuple[str, ...]
    types: tuple[str, ...]
    forms: tuple[str, ...]
    official_cases: tuple[str, ...]
    consequence: str
    source: Source
    clause_hash: str
    evidence: str
    valid_from: date
    valid_until: date | None
    status: str
    checks: tuple[str, ...]
    not_tested_because: str | None
    usual_cause_sv: str | None
    usual_cause_en: str | None
    fix_sv: str | None
    fix_en: str | None

    @property
    def chapter(self) -> str:
        """Return the chapter's three letters."""
        return self.id[:3]

    def holds_on(self, day: date) -> bool:
        """Say whether the rule is valid on *day* (both ends inclusive)."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One chapter of the catalogue and its rules' ids, in order."""

    name: str
    sv: str
    en: str
    rule_ids: tuple[str, ...]


@cache
def rules() -> Mapping[str, Rule]:
    """Return every rule by id, read-only, in the order of ids; raise `RuleError` when the data are wrong."""
    found: dict[str, Rule] = {}
    for document in _documents():
        for item in document["rules"]:
            if item["id"] in found:
                raise RuleError(f"rule {item['id']} stands twice")
            found[item["id"]] = _rule(item)
    return MappingProxyType(dict(sorted(found.items())))


@cache
def chapters() -> Mapping[str, Chapter]:
    """Return every chapter by its three letters, read-only, in alphabetical order."""
    return MappingProxyType(
        {
            document["chapter"]: Chapter(
                name=document["chapter"],
                sv=document["sv"],
                en=document["en"],
                rule_ids=tuple(item["id"] for item in document["rules"]),
            )
            for document in _documents()
        }
    )


def clause_hash(clause: str, locator: str, day: str) -> str:
    """Return the SHA-256 over clause, locator and date, each ended by a line feed, in hexadecimal."""
    return hashlib.sha256(f"{clause}\n{locator}\n{day}\n".encode()).hexdigest()


def _documents() -> Iterator[dict[str, Any]]:
    for name in sorted(child.name for child in folder(_ROOT).iterdir() if child.name.endswith(".json")):
        document = read_json(f"{_ROOT}/{name}")
        if found := errors("rule", document):
            places = "; ".join(f"{error.path or '/'} {error.message}" for error in found)
            raise RuleError(f"{_ROOT}/{name}: {places}")
        if any(not item["id"].startswith(document["chapter"]) for item in document["rules"]):
            raise RuleError(f"{_ROOT}/{name}: a rule belongs to another chapter")
        yield document


def _rule(item: dict[str, Any]) -> Rule:
    source = item["source"]
    if item["clauseHash"] != clause_hash(source["clause"], source["locator"], source["date"]):
        raise RuleError(f"rule {item['id']}: clauseHash is not that of its source; has the clause changed?")
    cause, fix = item.get("usualCause", {}), item.get("fix", {})
    return Rule(
        id=item["id"],
        title_sv=item["title"]["sv"],
        title_en=item["title"]["en"],
        text_sv=item["text"]["sv"],
        text_en=item["text"]["en"],
        level=item["level"],
        binds=tuple(item["binds"]),
        systems=tuple(item["systems"]),
        types=tuple(item["types"]),
        forms=tuple(item.get("forms", _FORMS)),
        official_cases=tuple(item.get("officialCases", ())),
        consequence=item["consequence"],
        source=Source(
            clause=source["clause"], locator=source["locator"], date=date.fromisoformat(source["date"])
        ),
        clause_hash=item["clauseHash"],
        evidence=item["evidence"],
        valid_from=date.fromisoformat(item["validFrom"]),
        valid_until=date.fromisoformat(item["validUntil"]) if "validUntil" in item else None,
        status=item["status"],
        checks=tuple(item.get("checks", ())),
        not_tested_because=item.get("notTestedBecause"),
        usual_cause_sv=cause.get("sv"),
        usual_cause_en=cause.get("en"),
        fix_sv=fix.get("sv"),
        fix_en=fix.get("en"),
    )
