"""The arithmetic of verdicts is one table, and every row of it is tried."""

from __future__ import annotations

from datetime import date

import pytest
from anslut_conformance.verdicts import (
    CERTIFICATE_TABLE,
    WORST_FIRST,
    Certificate,
    RuleResult,
    Tally,
    Verdict,
    decide,
    worst,
)


def tally(
    *verdicts: Verdict, lane: str = "long", must: bool = True, counted: bool = True, **more: object
) -> Tally:
    """Return a tally over one rule per verdict."""
    rules = tuple(
        RuleResult(rule=f"AAA-{number:03}", verdict=verdict, must=must, counted=counted)
        for number, verdict in enumerate(verdicts, start=1)
    )
    return Tally(rules=rules, lane=lane, **more)


@pytest.mark.parametrize(
    ("tried", "certificate", "row"),
    [
        (tally(Verdict.PASS), Certificate.APPROVED, "all-held"),
        (tally(Verdict.PASS, Verdict.NOT_APPLICABLE), Certificate.APPROVED, "all-held"),
        (tally(Verdict.PASS, Verdict.ATTESTED), Certificate.APPROVED, "all-held"),
        (tally(Verdict.PASS, Verdict.EXCUSED), Certificate.RESERVATION, "excused"),
        (tally(Verdict.PASS, Verdict.FAIL), Certificate.NOT_APPROVED, "must-failed"),
        (tally(Verdict.FAIL, Verdict.ERROR, Verdict.CONFIG), Certificate.NOT_APPROVED, "must-failed"),
        (tally(Verdict.PASS, Verdict.ERROR), Certificate.INCOMPLETE, "examiner-broke"),
        (tally(Verdict.PASS, Verdict.CONFIG), Certificate.INCOMPLETE, "set-up"),
        (tally(Verdict.PASS, set_up_fault="no region"), Certificate.INCOMPLETE, "set-up"),
        (tally(Verdict.PASS, Verdict.BLOCKED), Certificate.INCOMPLETE, "blocked"),
        (tally(Verdict.PASS, deviation_faults=("healed",)), Certificate.INCOMPLETE, "deviations"),
        (tally(Verdict.PASS, Verdict.NOT_OBSERVED), Certificate.INCOMPLETE, "not-observed"),
        (tally(Verdict.PASS, selected=True), Certificate.INCOMPLETE, "selection"),
        (tally(Verdict.PASS, lane="quick"), Certificate.INCOMPLETE, "quick-lane"),
        (tally(Verdict.PASS, lane="full", unrun_checks=1), Certificate.INCOMPLETE, "lanes"),
        (tally(Verdict.PASS, Verdict.NOT_RUN), Certificate.INCOMPLETE, "lanes"),
        (tally(Verdict.NOT_APPLICABLE), Certificate.INCOMPLETE, "nothing-tried"),
        (tally(), Certificate.INCOMPLETE, "nothing-tried"),
    ],
)
def test_the_first_row_that_holds_decides(tried: Tally, certificate: Certificate, row: str) -> None:
    """A certificate that could be argued with is worth nothing."""
    decision = decide(tried)

    assert (decision.certificate, decision.reasons[0].name) == (certificate, row)


def test_a_broken_should_rule_is_a_reservation() -> None:
    """A region sees it, and decides."""
    assert decide(tally(Verdict.FAIL, must=False)).reasons[0].name == "nothing-tried"

    mixed = Tally(
        rules=(
            RuleResult(rule="AAA-001", verdict=Verdict.PASS),
            RuleResult(rule="AAA-002", verdict=Verdict.FAIL, must=False),
        ),
        lane="long",
    )

    assert decide(mixed).certificate is Certificate.RESERVATION


def test_what_does_not_count_fails_nobody() -> None:
    """New rules start as preview: shown, not counted."""
    mixed = Tally(
        rules=(
            RuleResult(rule="AAA-001", verdict=Verdict.PASS),
            RuleResult(rule="AAA-002", verdict=Verdict.FAIL, counted=False),
        ),
        lane="long",
    )

    assert decide(mixed).certificate is Certificate.APPROVED


def test_every_row_is_tried_above() -> None:
    """A new row needs a line in the table of this test."""
    rows = {row.name for row in CERTIFICATE_TABLE}
    marks = test_the_first_row_that_holds_decides.pytestmark[0].args[1]

    assert rows - {case[2] for case in marks} == {"should-failed"}


def test_an_approval_with_reservation_ends_with_its_first_excuse() -> None:
    """After that day the decision no longer covers what is broken."""
    rules = tuple(
        RuleResult(rule=f"AAA-00{n}", verdict=Verdict.EXCUSED, until=date(2027, n, 1)) for n in (3, 2)
    )

    decision = decide(Tally(rules=(*rules, RuleResult(rule="AAA-009", verdict=Verdict.PASS)), lane="long"))

    assert (decision.certificate, decision.until) == (Certificate.RESERVATION, date(2027, 2, 1))


def test_one_failed_check_fails_its_rule() -> None:
    """Ten checks that held do not outweigh one that did not."""
    assert worst([Verdict.PASS] * 10 + [Verdict.FAIL]) is Verdict.FAIL
    assert worst([Verdict.PASS, Verdict.NOT_OBSERVED]) is Verdict.NOT_OBSERVED
    assert worst([]) is Verdict.NOT_RUN
    assert set(WORST_FIRST) == set(Verdict)
