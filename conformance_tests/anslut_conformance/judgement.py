"""From checks to rules to a certificate: which rules count, what each came to, and what that amounts to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anslut_conformance.applicability import why_outside
from anslut_conformance.verdicts import (
    CheckResult,
    Decision,
    RuleResult,
    Tally,
    Verdict,
    by_rule,
    decide,
    worst,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from anslut_contracts import Rule

    from anslut_conformance.deviations import Declarations


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The rules' results in catalogue order, the decision, and what is wrong with the declared deviations."""

    rules: tuple[RuleResult, ...]
    decision: Decision
    deviation_faults: tuple[str, ...]


def judge(  # noqa: PLR0913 - everything a verdict depends on, named at the call
    catalogue: Mapping[str, Rule],
    checks: Sequence[CheckResult],
    unrun: Sequence[CheckResult],
    *,
    declarations: Declarations,
    consumer: str,
    lane: str,
    selected: bool,
    system_kind: str,
    form: str | None,
    today: date,
    set_up_fault: str | None = None,
) -> Judgement:
    """Return what *checks* amount to for the rules in force on *today*; *unrun* are checks left for another lane.

    *form* is the door's, None when none was opened.
    """
    grouped, waiting = by_rule(checks), by_rule(unrun)
    attested = {one.rule: one for one in declarations.attestations}
    results = []
    for rule in catalogue.values():
        if not rule.holds_on(today):
            continue
        outside = why_outside(rule, kind=system_kind, form=form)
        found = tuple(grouped.get(rule.id, ()))
        verdict, reason = worst(check.verdict for check in found), ""
        if outside:
            verdict, reason = Verdict.NOT_APPLICABLE, outside
        elif not found and rule.id in attested:
            one = attested[rule.id]
            verdict = Verdict.ATTESTED
            reason = f"{one.statement} ({one.person}, {one.date}, {one.file}, SHA-256 {one.digest[:16]}…)"
        elif not found:
            reason = _why_unrun(rule, waiting.get(rule.id, ()), set_up_fault)
            verdict = Verdict.BLOCKED if set_up_fault else Verdict.NOT_RUN
        else:
            reason = next((c.reason or c.message for c in found if c.verdict is verdict), "")
        result = RuleResult(
            rule=rule.id,
            verdict=verdict,
            must=rule.level == "MUST",
            counted=rule.status == "active" and not outside and not (rule.not_tested_because and not found),
            checks=found,
            reason=reason,
        )
        results.append(declarations.excuse(result, consumer=consumer, today=today))
    faults = tuple(declarations.faults(results, known=catalogue.keys(), consumer=consumer, today=today))
    tally = Tally(
        rules=tuple(results),
        lane=lane,
        selected=selected,
        unrun_checks=len(unrun),
        deviation_faults=faults,
        set_up_fault=set_up_fault,
    )
    return Judgement(rules=tuple(results), decision=decide(tally), deviation_faults=faults)


def _why_unrun(rule: Rule, waiting: Sequence[CheckResult], set_up_fault: str | None) -> str:
    if set_up_fault:
        return set_up_fault
    if rule.not_tested_because:
        return rule.not_tested_because
    if waiting:
        return f"prövas i spåret {waiting[0].lane} (tried in that lane)"
    return "ingen kontroll valdes (no check was chosen)"
