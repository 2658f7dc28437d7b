"""The verdicts and their arithmetic: one ordered list each for a rule and for a certificate.

Nothing that was not seen to hold counts as held: skipped, unseen and untried are never passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date


class Verdict(StrEnum):
    """What is known about one rule, or one check."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    ERROR = "error"
    CONFIG = "config"
    BLOCKED = "blocked"
    EXCUSED = "excused"
    ATTESTED = "attested"
    NOT_APPLICABLE = "not-applicable"
    NOT_OBSERVED = "not-observed"
    NOT_RUN = "not-run"


class Certificate(StrEnum):
    """What the whole run amounts to."""

    APPROVED = "approved"
    RESERVATION = "approved-with-reservation"
    NOT_APPROVED = "not-approved"
    INCOMPLETE = "incomplete"


#: A rule with several checks has the verdict that stands first here among theirs.
WORST_FIRST: tuple[Verdict, ...] = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.CONFIG,
    Verdict.BLOCKED,
    Verdict.NOT_OBSERVED,
    Verdict.EXCUSED,
    Verdict.PASS,
    Verdict.ATTESTED,
    Verdict.NOT_APPLICABLE,
    Verdict.NOT_RUN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What one check came to; *rules* are the ids it speaks for, *reason* why it was not judged."""

    check: str
    rules: tuple[str, ...]
    verdict: Verdict
    lane: str = "full"
    message: str = ""
    reason: str = ""
    expected: str | None = None
    got: str | None = None
    patient: str | None = None
    details: tuple[tuple[str, str], ...] = ()
    exchanges: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """What one rule came to, with the checks it rests on; *until* is the last day of an excuse."""

    rule: str
    verdict: Verdict
    must: bool = True
    counted: bool = True
    checks: tuple[CheckResult, ...] = ()
    reason: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What the certificate's table looks at: rule results that count, and what is wrong with the run itself."""

    rules: tuple[RuleResult, ...]
    lane: str
    selected: bool = False
    unrun_checks: int = 0
    deviation_faults: tuple[str, ...] = ()
    set_up_fault: str | None = None

    def any(self, verdict: Verdict, *, must: bool | None = None) -> bool:
        """Tell whether a counted rule came to *verdict* (and has the level asked for)."""
        return any(
            r.verdict is verdict and r.counted and (must is None or r.must is must) for r in self.rules
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the certificate's table: when *holds*, the certificate is *certificate*, for this reason."""

    name: str
    holds: Callable[[Tally], bool]
    certificate: Certificate
    sv: str
    en: str


#: The whole arithmetic: the first row that holds decides. `docs` and the report print this table.
CERTIFICATE_TABLE: tuple[Row, ...] = (
    Row(
        name="must-failed",
        holds=lambda t: t.any(Verdict.FAIL, must=True),
        certificate=Certificate.NOT_APPROVED,
        sv="minst en skall-regel är bruten",
        en="at least one MUST rule is broken",
    ),
    Row(
        name="examiner-broke",
        holds=lambda t: t.any(Verdict.ERROR),
        certificate=Certificate.INCOMPLETE,
        sv="granskaren gick sönder i minst en kontroll; det är inte anslutningens fel",
        en="the examiner broke in at least one check; that is not the connector's fault",
    ),
    Row(
        name="set-up",
        holds=lambda t: t.set_up_fault is not None or t.any(Verdict.CONFIG),
        certificate=Certificate.INCOMPLETE,
        sv="uppställningen är fel; kör anslut doctor",
        en="the set-up is wrong; run anslut doctor",
    ),
    Row(
        name="blocked",
        holds=lambda t: t.any(Verdict.BLOCKED),
        certificate=Certificate.INCOMPLETE,
        sv="regler kunde inte prövas, eftersom något de vilar på har brustit",
        en="rules could not be tried because something they stand on has failed",
    ),
    Row(
        name="deviations",
        holds=lambda t: bool(t.deviation_faults),
        certificate=Certificate.INCOMPLETE,
        sv="avvikelsefilen stämmer inte längre",
        en="the deviations file no longer fits",
    ),
    Row(
        name="not-observed",
        holds=lambda t: t.any(Verdict.NOT_OBSERVED),
        certificate=Certificate.INCOMPLETE,
        sv="något som måste observeras gick inte att se; starta på annat sätt",
        en="something that must be observed could not be seen; start differently",
    ),
    Row(
        name="selection",
        holds=lambda t: t.selected,
        certificate=Certificate.INCOMPLETE,
        sv="bara utvalda regler prövades",
        en="only selected rules were tried",
    ),
    Row(
        name="quick-lane",
        holds=lambda t: t.lane == "quick",
        certificate=Certificate.INCOMPLETE,
        sv="bara snabbspåret (quick) kördes",
        en="quick lane only",
    ),
    Row(
        name="lanes",
        holds=lambda t: (
            t.lane != "quick" and not t.selected and (t.unrun_checks > 0 or t.any(Verdict.NOT_RUN))
        ),
        certificate=Certificate.INCOMPLETE,
        sv="det långa spåret är inte kört; kör med --lane long",
        en="the long lane was not run; run with --lane long",
    ),
    Row(
        name="nothing-tried",
        holds=lambda t: not (t.any(Verdict.PASS) or t.any(Verdict.ATTESTED)),
        certificate=Certificate.INCOMPLETE,
        sv="ingen regel prövades",
        en="no rule was tried",
    ),
    Row(
        name="excused",
        holds=lambda t: t.any(Verdict.EXCUSED),
        certificate=Certificate.RESERVATION,
        sv="godkänd med beslutade avvikelser",
        en="approved with decided deviations",
    ),
    Row(
        name="should-failed",
        holds=lambda t: t.any(Verdict.FAIL, must=False),
        certificate=Certificate.RESERVATION,
        sv="minst en bör-regel är bruten",
        en="at least one SHOULD rule is broken",
    ),
    Row(
        name="all-held",
        holds=lambda _: True,
        certificate=Certificate.APPROVED,
        sv="alla regler som gäller höll",
        en="every rule that applies held",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The certificate with every reason that holds, the deciding one first, and the day it lapses if any."""

    certificate: Certificate
    reasons: tuple[Row, ...]
    until: date | None = None


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict a rule has when its checks came to *verdicts*; none at all is NOT RUN."""
    found = set(verdicts)
    return next((verdict for verdict in WORST_FIRST if verdict in found), Verdict.NOT_RUN)


def decide(tally: Tally) -> Decision:
    """Return the certificate: the first row of `CERTIFICATE_TABLE` that holds."""
    holding = [row for row in CERTIFICATE_TABLE if row.holds(tally)]
    first = holding[0]
    reasons = tuple(row for row in holding if row.name != "all-held" or row is first)
    return Decision(
        certificate=first.certificate,
        reasons=reasons,
        until=earliest(r.until for r in tally.rules if r.verdict is Verdict.EXCUSED),
    )


def earliest(days: Iterable[date | None]) -> date | None:
    """Return the earliest day, or None when there is none."""
    return min((day for day in days if day is not None), default=None)


def by_rule(checks: Sequence[CheckResult]) -> dict[str, list[CheckResult]]:
    """Return the checks that speak for each rule, in the order they ran."""
    grouped: dict[str, list[CheckResult]] = {}
    for check in checks:
        for rule in check.rules:
            grouped.setdefault(rule, []).append(check)
    return grouped
