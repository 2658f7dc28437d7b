"""One examination from order to outcome: open the stage and the connector, look before judging, run, add up."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts

from anslut_conformance import candidates, deviations, preflight, runner
from anslut_conformance.errors import ConfigurationError, Finding
from anslut_conformance.exam import CONSUMER, Exam, ExamDoor
from anslut_conformance.judgement import Judgement, judge
from anslut_conformance.observation import OBSERVABLES, Observations
from anslut_conformance.plugin import ROOT_RULE, Examination, Selection
from anslut_conformance.record import Record
from anslut_conformance.redaction import Redactor
from anslut_conformance.setting import HAND_PORTS, Setting
from anslut_conformance.verdicts import CERTIFICATE_TABLE, CheckResult, Decision, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from anslut_contracts.clock import Clock

    from anslut_conformance.candidates import Candidate
    from anslut_conformance.preflight import Step

_UNDECIDED = Decision(certificate=CERTIFICATE_TABLE[-1].certificate, reasons=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be examined, and how.

    *connector* is `module:Class`, `module:factory` or a URL; *start* a command. *wait_seconds* is how long a
    connector started by hand is waited for. Ports of 0 are free ones, except beside a URL: then `HAND_PORTS`.
    """

    connector: str | None = None
    start: str | None = None
    lane: str = "full"
    rules: frozenset[str] | None = None
    region: str = "fjallmark"
    authentication: bool = True
    simulator_port: int | None = None
    issuer_port: int | None = None
    scenario: str = "certify"
    ca_file: str | None = None
    access_log: Path | None = None
    wait_seconds: float = 120.0
    deviations: Path | None = None
    folder: Path | None = None
    resume: bool = False
    suite: Path = runner.SUITE

    @property
    def by_hand(self) -> bool:
        """Whether the connector is a URL that somebody else has started, or will."""
        return self.start is None and self.connector is not None and "://" in self.connector

    @property
    def ports(self) -> tuple[int, int]:
        """Where the simulator and the issuer listen."""
        first, second = HAND_PORTS if self.by_hand else (0, 0)
        simulator = first if self.simulator_port is None else self.simulator_port
        issuer = self.issuer_port
        if issuer is None:
            issuer = simulator + 1 if self.simulator_port else second
        return simulator, issuer

    def profile_file(self, scratch: Path) -> Path | None:
        """Return where a connector outside this process finds its profile; it stays for one started by hand."""
        if self.by_hand:
            return (self.folder or scratch) / "region-profile.json"
        return None if self.start is None else scratch / "region-profile.json"

    def access_log_file(self, scratch: Path) -> Path:
        """Return where the connector is told to write its access log; it stays for one started by hand."""
        if self.access_log is not None:
            return self.access_log
        return ((self.folder if self.by_hand else None) or scratch) / "access.log"

    def about(self) -> dict[str, Any]:
        """Return what makes two runs the same run, as JSON values."""
        return {
            "connector": self.connector,
            "start": self.start,
            "lane": self.lane,
            "rules": sorted(self.rules) if self.rules is not None else None,
            "region": self.region,
            "authentication": self.authentication,
        }


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
    door: str = ""
    description: str = ""
    manifest: dict[str, Any] | None = None
    unobserved: dict[str, str] = field(default_factory=dict)
    set_up_fault: str | None = None
    hint: str = ""


@dataclass(kw_only=True)
class Listener:
    """Who is told how it goes; every hook may be left alone."""

    on_environment: Callable[[dict[str, str]], None] = lambda _: None
    on_waiting: Callable[[str], None] = lambda _: None
    on_steps: Callable[[list[Step]], None] = lambda _: None
    on_plan: Callable[[int], None] = lambda _: None
    on_result: Callable[[CheckResult], None] = lambda _: None


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
        system_kind="record",
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


@contextmanager
def opened(
    order: Order, *, listener: Listener, setting: Setting | None = None
) -> Iterator[tuple[Exam, Candidate]]:
    """Yield an exam over an open stage and connector."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="anslut-"))).resolve()
        if setting is None:
            simulator, issuer = order.ports
            setting = stack.enter_context(
                Setting(
                    region=order.region,
                    simulator_port=simulator,
                    issuer_port=issuer,
                    authentication=order.authentication,
                )
            )
        control = setting.control(order.scenario)
        control.reset()
        access_log = order.access_log_file(scratch)
        state = None if order.by_hand else scratch / "state"
        if state is not None:
            state.mkdir()
        environment = setting.environment(
            order.scenario, access_log=access_log, state=state, profile=order.profile_file(scratch)
        )
        listener.on_environment(environment)
        candidate = stack.enter_context(_candidate(order, environment, scratch))
        if order.by_hand:
            _await(order, candidate, listener)
        exam = Exam(
            door=ExamDoor(candidate.door, setting.issuer if order.authentication else None),
            control=control,
            profile=setting.profile,
            settings=environment,
            region=order.region,
            lane=order.lane,
            observations=Observations(
                access_log_path=access_log,
                list_files=candidate.list_files,
                read_output=candidate.read_output,
                missing=dict(candidate.missing),
            ),
        )
        yield exam, candidate


@contextmanager
def _candidate(order: Order, environment: dict[str, str], scratch: Path) -> Iterator[Candidate]:
    if order.start is not None:
        url = order.connector if order.connector and "://" in order.connector else None
        with candidates.by_command(
            order.start, environment, scratch, port=_port_of(url), url=url, patience=order.wait_seconds
        ) as candidate:
            yield candidate
    elif order.connector is None:
        raise ConfigurationError(
            "no connector was named", hint="--connector URL, --connector module:Class, or --start COMMAND"
        )
    elif order.by_hand:
        with candidates.by_url(order.connector, ca_file=order.ca_file) as candidate:
            yield candidate
    elif ":" in order.connector:
        with candidates.by_name(order.connector, environment, scratch / "connector") as candidate:
            yield candidate
    else:
        raise ConfigurationError(
            f"{order.connector!r} is neither a URL nor module:name",
            hint="http://127.0.0.1:8080, or my_package.connector:Connector",
        )


def _port_of(url: str | None) -> int:
    if url is None or "{port}" in url:
        return 0
    tail = url.rstrip("/").rsplit(":", 1)[-1]
    return int(tail) if tail.isdigit() else 0


def _await(order: Order, candidate: Candidate, listener: Listener) -> None:
    """Wait until a connector started by hand answers as ready, or time is up; the preflight then says what is wrong."""
    deadline = time.monotonic() + order.wait_seconds
    said = ""
    while True:
        try:
            reply = candidate.door.call("GET", "/health/ready", headers={}, body=None, timeout=5.0)
            if reply.status == 200:  # noqa: PLR2004 - HTTP's own number
                return
            state = f"/health/ready: {reply.status}"
        except Finding as finding:
            state = finding.message
        if time.monotonic() > deadline:
            return
        if state != said:
            listener.on_waiting(state)
            said = state
        time.sleep(0.3)


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
