"""One examination from order to outcome: open the stage and the connector, look before judging, run, add up."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anslut_contracts

from anslut_conformance import deviations, preflight, runner
from anslut_conformance.errors import ConfigurationError
from anslut_conformance.exam_door import CONSUMER
from anslut_conformance.judgement import Judgement, judge
from anslut_conformance.observation import OBSERVABLES
from anslut_conformance.opening import Listener, opened
from anslut_conformance.plugin import ROOT_RULE, Examination, Selection
from anslut_conformance.record import Record
from anslut_conformance.redaction import Redactor
from anslut_conformance.verdicts import CERTIFICATE_TABLE, CheckResult, Decision, Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from anslut_contracts.clock import Clock

    from anslut_conformance.candidates import Candidate
    from anslut_conformance.exam import Exam
    from anslut_conformance.order import Order
    from anslut_conformance.preflight import Step
    from anslut_conformance.setting import Setting

_UNDECIDED = Decision(certificate=CERTIFICATE_TABLE[-1].certificate, reasons=())


@dataclass(kw_only=True)
class Outcome:
    """Everything a report tells about one examination."""

    order: Order
    started: datetime
    seconds: float
    judgement: Judgement
    checks: list[CheckResult]
    unrun: list[CheckResult]
    steps: list[Step]
    redactor: Redactor
    kind: str = "record"
    door: str = ""
    form: str | None = None
    description: str = ""
    manifest: dict[str, Any] | None = None
    unobserved: dict[str, str] = field(default_factory=dict)
    set_up_fault: str | None = None
    hint: str = ""


def examine(
    order: Order, *, listener: Listener | None = None, setting: Setting | None = None, clock: Clock
) -> Outcome:
    """Carry out *order* and return what came of it; *setting* is an open one to share, else one is opened.

    Raise `ConfigurationError` only for an order nobody could carry out; a set-up found wrong on the way is in the
    outcome.
    """
    listener = listener or Listener()
    started, begun = clock.now(), time.monotonic()
    catalogue = anslut_contracts.rules()
    unknown = sorted((order.rules or frozenset()) - set(catalogue))
    if unknown:
        raise ConfigurationError(f"no such rule: {', '.join(unknown)}", hint="anslut rules lists them all")
    declared = deviations.read(order.deviations)
    redactor = Redactor(names=_names())
    outcome = Outcome(
        order=order,
        started=started,
        seconds=0.0,
        judgement=Judgement(rules=(), decision=_UNDECIDED, deviation_faults=()),
        checks=[],
        unrun=[],
        steps=[],
        redactor=redactor,
    )
    try:
        with opened(order, listener=listener, setting=setting) as (exam, candidate):
            outcome.door, outcome.description = exam.door.name, candidate.description
            outcome.kind, outcome.form = exam.kind, exam.door.form
            _carry_out(outcome, exam, candidate, listener)
    except ConfigurationError as error:
        outcome.set_up_fault, outcome.hint = error.message, error.hint
    outcome.judgement = judge(
        catalogue,
        outcome.checks,
        outcome.unrun,
        declarations=declared,
        consumer=CONSUMER,
        lane=order.lane,
        selected=order.rules is not None,
        system_kind=outcome.kind,
        form=outcome.form,
        today=started.date(),
        set_up_fault=outcome.set_up_fault,
    )
    outcome.seconds = time.monotonic() - begun
    return outcome


def _carry_out(outcome: Outcome, exam: Exam, candidate: Candidate, listener: Listener) -> None:
    order = outcome.order
    outcome.steps = preflight.preflight(exam)
    listener.on_steps(outcome.steps)
    last = outcome.steps[-1]
    if last.blame == "set-up":
        raise ConfigurationError(f"{last.sv}: {last.found}", hint=last.hint)
    exam.observations.missing.update(unobserved(exam, order, candidate))
    outcome.unobserved = dict(exam.observations.missing)
    record = Record(order.folder / "evidence.ndjson", redactor=outcome.redactor) if order.folder else None
    done: list[CheckResult] = []
    if record is not None:
        if order.resume and record.path.exists():
            done = record.resume(order.about())
        else:
            record.begin(order.about())

    def keep(result: CheckResult) -> None:
        if record is not None:
            record.append(result)
        listener.on_result(result)

    run = Examination(
        exam=exam,
        catalogue=anslut_contracts.rules(),
        selection=Selection(lane=order.lane, rules=order.rules, done=frozenset(one.check for one in done)),
        on_plan=listener.on_plan,
        on_result=keep,
    )
    runner.run(run, suite=order.suite)
    run.results += undeclared(exam)
    dead = candidate.why_dead()
    outcome.checks, outcome.unrun = [*done, *run.results], run.unrun
    outcome.manifest = exam.manifest if exam.has_manifest else None
    if dead is not None:
        outcome.hint = dead


def unobserved(exam: Exam, order: Order, candidate: Candidate) -> dict[str, str]:
    """Return what this run cannot see, and why; the first search has been made by now."""
    missing = dict(candidate.missing)
    if not order.authentication:
        missing["authentication"] = (
            "kördes med --authentication off: kör med intyg (run with tokens: leave out --authentication off)"
        )
    path = exam.observations.access_log_path
    seen = exam.observations.has_log()
    promised = exam.has_manifest and exam.manifest.get("accessLog") is True
    if order.by_hand and not seen:
        missing["access-log"] = (
            f"åtkomstloggen syns inte i {path}: starta med ANSLUT_ACCESS_LOG så (start with ANSLUT_ACCESS_LOG set so)"
        )
    elif not seen and not promised:
        missing["access-log"] = "manifestet lovar ingen åtkomstlogg (accessLog: false)"
    if exam.has_manifest and (exam.manifest.get("index") or {}).get("mode") != "push":
        missing["index"] = "anslutningen meddelar inget index (index.mode: none): starta med ANSLUT_INDEX_URL"
    return {what: why for what, why in missing.items() if what in OBSERVABLES}


def undeclared(exam: Exam) -> list[CheckResult]:
    """Return a finding for each ability seen in the run that the manifest denies; used without being declared."""
    if not exam.has_manifest:
        return []
    seen = {
        "index.mode: none, but the index was told": (exam.manifest.get("index") or {}).get("mode") != "push"
        and bool(exam.control.index()["transactions"]),
        "accessLog: false, but an access log was written": exam.manifest.get("accessLog") is not True
        and exam.observations.has_log(),
    }
    return [
        CheckResult(
            check="declared-and-observed",
            rules=(ROOT_RULE,),
            verdict=Verdict.FAIL,
            title="What the manifest declares is what is seen.",
            message=f"the manifest says {said}",
            expected="a manifest that tells what the connector does",
            got=said,
        )
        for said, holds in seen.items()
        if holds
    ]


def _names() -> dict[str, str]:
    from anslut_simulators.population import default_population  # noqa: PLC0415 - heavy, and only for runs

    return {
        identity.extension: name
        for name, persona in default_population().personas().items()
        for identity in persona.identities
    }
