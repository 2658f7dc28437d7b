"""A rule that is not about a connector is never what it lacks, and the report says whom it is about."""

from __future__ import annotations

import re
from datetime import date

import pytest
from anslut_conformance.applicability import why_outside
from anslut_conformance.deviations import Declarations
from anslut_conformance.judgement import Judgement, judge
from anslut_conformance.verdicts import CheckResult, Verdict
from anslut_contracts import rules


@pytest.mark.parametrize(
    ("rule", "kind", "form", "said"),
    [
        ("ALL-001", "record", "json", ()),
        ("ALL-001", "phone", "rivta", ()),
        ("ACC-001", "record", "json", ("den nationella tjänsten", "the national service")),
        ("VAC-001", "record", "json", ("Vaccinationssystem", "Vaccination system")),
        ("VAC-001", "vaccination", "json", ()),
        ("RIV-004", "record", "json", ("svar i SOAP", "answers in SOAP")),
        ("RIV-004", "record", "rivta", ()),
        ("RIV-004", "record", None, ()),
        ("ERR-006", "record", "rivta", ("svar i JSON", "answers in JSON")),
    ],
)
def test_whom_a_rule_is_about(rule: str, kind: str, form: str | None, said: tuple[str, ...]) -> None:
    """Said in both languages; where no door was opened, nobody knows the form."""
    why = why_outside(rules()[rule], kind=kind, form=form)

    assert bool(why) is bool(said)
    assert all(words in why for words in said)


def test_every_rule_has_words_for_whom_it_is_about() -> None:
    """A kind, a form or somebody bound that has no words would be told by its name in the catalogue."""
    catalogue = rules().values()
    names = {name for rule in catalogue for name in (*rule.binds, *rule.systems, *rule.forms)}
    for rule in catalogue:
        swedish = re.split(r" \((?:binds|is about)", why_outside(rule, kind="none", form="none"))[0]
        told = re.split(r"binder |gäller bara: |, ", swedish)

        assert len(told) > 1, rule.id
        assert not names.intersection(told), rule.id


def _judged(form: str | None) -> Judgement:
    waiting = [CheckResult(check="test_later", rules=("RIV-004",), verdict=Verdict.NOT_RUN)]
    return judge(
        rules(),
        [],
        waiting,
        declarations=Declarations(),
        consumer="SE2321000999-1177",
        lane="quick",
        selected=False,
        system_kind="record",
        form=form,
        today=date(2026, 12, 1),
    )


@pytest.mark.parametrize(
    ("form", "verdict"),
    [("json", Verdict.NOT_APPLICABLE), ("rivta", Verdict.NOT_RUN), (None, Verdict.NOT_RUN)],
)
def test_a_quick_examination_in_json_lacks_no_rule_about_soap(form: str | None, verdict: Verdict) -> None:
    """Its checks are left for another lane, where they would not apply either."""
    [result] = [result for result in _judged(form).rules if result.rule == "RIV-004"]

    assert result.verdict is verdict
    assert result.counted is (verdict is Verdict.NOT_RUN)
