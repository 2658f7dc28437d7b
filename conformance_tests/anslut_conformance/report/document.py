"""The report as one JSON document: everything the other forms are made from, already free of persons' numbers."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import asdict
from datetime import timedelta
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import anslut_contracts
import orjson

from anslut_conformance.exam_door import CONSUMER
from anslut_conformance.observation import OBSERVABLES
from anslut_conformance.verdicts import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from anslut_contracts import Rule

    from anslut_conformance.examine import Outcome
    from anslut_conformance.order import Order
    from anslut_conformance.verdicts import CheckResult, RuleResult

SCHEMA_VERSION = "1.0"


def build(outcome: Outcome) -> dict[str, Any]:
    """Return the report document of a run; it follows the schema `report` of the contracts."""
    catalogue = anslut_contracts.rules()
    decision = outcome.judgement.decision
    results = outcome.judgement.rules
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "product": {
            "name": "anslut",
            "version": version("anslut"),
            "suiteDigest": suite_digest(outcome.order.suite),
            "rulesDigest": rules_digest(),
        },
        "run": {
            "started": outcome.started.isoformat(timespec="seconds"),
            "finished": (outcome.started + timedelta(seconds=outcome.seconds)).isoformat(timespec="seconds"),
            "seconds": round(outcome.seconds, 1),
            "lane": outcome.order.lane,
            "rules": sorted(outcome.order.rules) if outcome.order.rules is not None else None,
            "testData": "simulated-source",
            "door": outcome.door or None,
            "connector": outcome.order.start or outcome.order.connector,
            "region": outcome.order.region,
            "authentication": outcome.order.authentication,
            "consumer": CONSUMER,
            "command": command(outcome.order),
        },
        "manifest": outcome.manifest,
        "preflight": [asdict(step) | {"ok": step.ok} for step in outcome.steps],
        "setUpFault": (
            {"message": outcome.set_up_fault, "hint": outcome.hint}
            if outcome.set_up_fault is not None
            else None
        ),
        "observed": {what: outcome.unobserved.get(what) for what in OBSERVABLES},
        "decision": {
            "certificate": str(decision.certificate),
            "reasons": [{"name": row.name, "sv": row.sv, "en": row.en} for row in decision.reasons],
            "until": decision.until.isoformat() if decision.until else None,
        },
        "counts": _counts(results),
        "deviationFaults": list(outcome.judgement.deviation_faults),
        "rules": [_rule(result, catalogue[result.rule]) for result in results],
        "checks": [_check(check, outcome.order) for check in (*outcome.checks, *outcome.unrun)],
    }
    cleaned: dict[str, Any] = outcome.redactor.clean_values(document)
    return cleaned


def command(order: Order, *, rules: tuple[str, ...] = ()) -> str:
    """Return the command that repeats a run, or one rule of it."""
    words = ["anslut", "certify"]
    if order.connector is not None:
        words += ["--connector", order.connector]
    if order.start is not None:
        words += ["--start", order.start]
    if order.region != "fjallmark":
        words += ["--region", order.region]
    if not order.authentication:
        words += ["--authentication", "off"]
    if order.index != "json":
        words += ["--index", order.index]
    if order.lane != "full":
        words += ["--lane", order.lane]
    for rule in rules or sorted(order.rules or ()):
        words += ["--rule", rule]
    return shlex.join(words)


def suite_digest(suite: Path) -> str:
    """Return the SHA-256 over a folder's modules and data, names and bytes, in order: which checks were run."""
    digest = sha256()
    for path in sorted((*suite.rglob("*.py"), *suite.rglob("*.json"))):
        digest.update(path.relative_to(suite).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def rules_digest() -> str:
    """Return the SHA-256 over the catalogue's ids, levels and clause hashes: which rules were judged by."""
    lines = [f"{r.id} {r.level} {r.status} {r.clause_hash}" for r in anslut_contracts.rules().values()]
    return sha256("\n".join(lines).encode()).hexdigest()


def _counts(results: tuple[RuleResult, ...]) -> dict[str, int]:
    counted = Counter(str(result.verdict) for result in results)
    return {str(verdict): counted.get(str(verdict), 0) for verdict in Verdict}


def _rule(result: RuleResult, rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": {"sv": rule.title_sv, "en": rule.title_en},
        "text": {"sv": rule.text_sv, "en": rule.text_en},
        "level": rule.level,
        "consequence": rule.consequence,
        "source": str(rule.source),
        "clauseHash": rule.clause_hash,
        "officialCases": list(rule.official_cases),
        "evidence": rule.evidence,
        "usualCause": {"sv": rule.usual_cause_sv, "en": rule.usual_cause_en},
        "fix": {"sv": rule.fix_sv, "en": rule.fix_en},
        "preview": rule.status == "preview",
        "counted": result.counted,
        "verdict": str(result.verdict),
        "reason": result.reason,
        "until": result.until.isoformat() if result.until else None,
        "checks": [check.check for check in result.checks],
    }


def _check(check: CheckResult, order: Order) -> dict[str, Any]:
    return {
        "check": check.check,
        "title": check.title,
        "rules": list(check.rules),
        "lane": check.lane,
        "verdict": str(check.verdict),
        "seconds": round(check.seconds, 3),
        "message": check.message,
        "reason": check.reason,
        "expected": check.expected,
        "got": check.got,
        "patient": check.patient,
        "details": [{"label": label, "value": value} for label, value in check.details],
        "exchanges": [dict(exchange) for exchange in check.exchanges],
        "reproduce": command(order, rules=check.rules) if check.verdict is Verdict.FAIL else None,
    }


def to_json(document: dict[str, Any]) -> bytes:
    """Return the document as indented JSON."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"
