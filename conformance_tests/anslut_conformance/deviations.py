"""Declared deviations and attestations: decisions by people, with a reason and an end, read from one TOML file.

Strict both ways: a deviation that healed, ended, or names nothing must be taken away before anything is approved.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from anslut_conformance.errors import ConfigurationError
from anslut_conformance.verdicts import RuleResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

_DEVIATION_FIELDS = {"rule", "consumer", "reason", "decided_by", "until"}
_ATTESTATION_FIELDS = {"rule", "person", "date", "file", "statement"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A region's decision to live with a broken rule, for one consumer (`*`: all), until and including *until*."""

    rule: str
    consumer: str
    reason: str
    decided_by: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A person's word, on a day, that a rule no check can try holds; *digest* is the SHA-256 of the evidence file."""

    rule: str
    person: str
    date: date
    file: str
    digest: str
    statement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """What a deviations file holds."""

    deviations: tuple[Deviation, ...] = ()
    attestations: tuple[Attestation, ...] = ()

    def excuse(self, result: RuleResult, *, consumer: str, today: date) -> RuleResult:
        """Return *result* as EXCUSED when a decision in force covers its failure, else as it is."""
        if result.verdict is not Verdict.FAIL:
            return result
        for one in self.deviations:
            if one.rule == result.rule and one.consumer in {"*", consumer} and today <= one.until:
                return RuleResult(
                    rule=result.rule,
                    verdict=Verdict.EXCUSED,
                    must=result.must,
                    counted=result.counted,
                    checks=result.checks,
                    reason=f"{one.reason} ({one.decided_by}, t.o.m. {one.until})",
                    until=one.until,
                )
        return result

    def faults(
        self, results: Sequence[RuleResult], *, known: Collection[str], consumer: str, today: date
    ) -> list[str]:
        """Return what no longer fits (Swedish): ended, healed and unmatched deviations."""
        verdicts = {result.rule: result.verdict for result in results}
        found = []
        for one in self.deviations:
            if one.rule not in known:
                found.append(f"{one.rule}: regeln finns inte")
            elif today > one.until:
                found.append(f"{one.rule}: avvikelsen gick ut {one.until}")
            elif one.consumer not in {"*", consumer}:
                continue
            elif verdicts.get(one.rule) is Verdict.PASS:
                found.append(f"{one.rule}: regeln håller nu; ta bort avvikelsen")
            elif verdicts.get(one.rule) is Verdict.NOT_APPLICABLE:
                found.append(f"{one.rule}: regeln gäller inte den här anslutningen; ta bort avvikelsen")
        return found


def read(path: Path | None) -> Declarations:
    """Return what the file declares, nothing when *path* is None; raise `ConfigurationError` when it is wrong."""
    if path is None:
        return Declarations()
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error
    unknown = set(document) - {"deviation", "attestation"}
    if unknown:
        raise ConfigurationError(
            f"{path}: unknown table {sorted(unknown)}", hint="[[deviation]], [[attestation]]"
        )
    return Declarations(
        deviations=tuple(_deviation(path, item) for item in document.get("deviation", [])),
        attestations=tuple(_attestation(path, item) for item in document.get("attestation", [])),
    )


def _deviation(path: Path, item: Any) -> Deviation:
    _fields(path, item, _DEVIATION_FIELDS)
    return Deviation(**item)


def _attestation(path: Path, item: Any) -> Attestation:
    _fields(path, item, _ATTESTATION_FIELDS)
    evidence = path.parent / item["file"]
    try:
        digest = sha256(evidence.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigurationError(f"{path}: {item['rule']}: {evidence.name} cannot be read") from error
    return Attestation(**item, digest=digest)


def _fields(path: Path, item: Any, wanted: set[str]) -> None:
    if not isinstance(item, dict) or set(item) != wanted:
        raise ConfigurationError(
            f"{path}: every entry has exactly these: {', '.join(sorted(wanted))}",
            hint=f"found: {', '.join(sorted(item)) if isinstance(item, dict) else item}",
        )
    for key, value in item.items():
        right = (
            isinstance(value, date) if key in {"until", "date"} else isinstance(value, str) and value.strip()
        )
        if not right:
            raise ConfigurationError(f"{path}: {item.get('rule')}: {key} is empty or of the wrong kind")
