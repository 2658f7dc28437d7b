"""The examiner inside pytest: selects checks, hands out `exam`, and turns outcomes into verdicts."""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# Before the suite is imported: asserts in the shared helpers then explain themselves as those in tests do.
if "anslut_conformance.checks" not in sys.modules:
    pytest.register_assert_rewrite("anslut_conformance.checks")

from anslut_conformance.applicability import only_for_forms, only_for_kinds
from anslut_conformance.errors import (
    BlockedError,
    CheckTimeoutError,
    ConfigurationError,
    Finding,
    NotApplicableError,
    NotObservedError,
)
from anslut_conformance.evidence import show, show_exchange
from anslut_conformance.observation import OBSERVABLES
from anslut_conformance.verdicts import CheckResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from anslut_contracts import Rule

    from anslut_conformance.exam import Exam

LANES = ("quick", "full", "long")

#: Seconds one check may take; `@pytest.mark.seconds(n)` says otherwise.
PATIENCE = {"quick": 15.0, "full": 45.0, "long": 240.0}

#: The rule about the manifest: nothing else can be judged without one.
ROOT_RULE = "ALL-005"

MARKERS = (
    "rule(*ids): the rules of the catalogue that this check speaks for",
    "lane(name): quick, full (default) or long",
    "observes(*what): what must be visible for this check to judge: " + ", ".join(OBSERVABLES),
    "gate: when this check fails, every check after it is blocked",
    "needs(*ids): blocked when one of these rules has failed",
    "capability(name): applies only when the manifest declares this capability",
    "seconds(n): the check's own time-out",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which checks to run: up to *lane*, only *rules* when given, without *done* (already judged)."""

    lane: str = "full"
    rules: frozenset[str] | None = None
    done: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Examination:
    """A pytest plugin object for one run; `results` and `unrun` are filled as it goes."""

    exam: Exam
    catalogue: Mapping[str, Rule]
    selection: Selection
    on_plan: Callable[[int], None] = lambda _: None
    on_result: Callable[[CheckResult], None] = lambda _: None
    results: list[CheckResult] = field(default_factory=list)
    unrun: list[CheckResult] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    gate: str | None = None
    trouble: str = ""

    @pytest.fixture(name="exam")
    def exam_fixture(self) -> Exam:
        """What a check may ask: see `Exam`."""
        return self.exam

    def pytest_configure(self, config: pytest.Config) -> None:
        """Declare the marks."""
        for line in MARKERS:
            config.addinivalue_line("markers", line)
        # The report tells a finding in its own words: pytest need not render a traceback for each.
        config.option.tbstyle = "line"

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Hold marks against the catalogue, put gates first, and leave out what is not selected."""
        chosen: list[pytest.Item] = []
        for item in items:
            rules = _rules(item)
            unknown = [rule for rule in rules if rule not in self.catalogue]
            if unknown or not rules:
                self.trouble = f"{item.nodeid}: names no rule of the catalogue {unknown}"
                raise pytest.UsageError(self.trouble)
            if item.name in self.selection.done:
                continue
            if self.selection.rules is not None and not self.selection.rules.intersection(rules):
                continue
            if LANES.index(_lane(item)) > LANES.index(self.selection.lane):
                reason = f"spåret {_lane(item)} är inte kört (that lane was not run)"
                self.unrun.append(_result(item, Verdict.NOT_RUN, reason=reason))
                continue
            chosen.append(item)
        chosen.sort(key=lambda item: item.get_closest_marker("gate") is None)
        items[:] = chosen
        self.on_plan(len(chosen))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember why a suite module could not be imported."""
        if report.failed:
            self.trouble += f"{report.nodeid}: {report.longreprtext}\n"

    def pytest_internalerror(self, excrepr: object) -> None:
        """Remember what broke inside pytest, or in this plugin."""
        self.trouble += str(excrepr)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Refuse to judge what is blocked, does not apply, or cannot be seen."""
        if self.gate is not None:
            raise BlockedError(self.gate)
        for rule in (rule for mark in item.iter_markers("needs") for rule in mark.args):
            if rule in self.broken:
                raise BlockedError(f"{rule}: {self.broken[rule]}")
        if ROOT_RULE not in _rules(item) and not self.exam.has_manifest:
            raise BlockedError(f"{ROOT_RULE}: manifestet går inte att läsa (the manifest cannot be read)")
        types = {t for rule in _rules(item) for t in self.catalogue[rule].types or ()}
        self.exam.begin_check(types=types)
        if item.get_closest_marker("gate") is None:
            self._applies(item, types)
        for what in (what for mark in item.iter_markers("observes") for what in mark.args):
            self.exam.need(what)

    def _applies(self, item: pytest.Item, types: set[str]) -> None:
        kinds = {kind for rule in _rules(item) for kind in self.catalogue[rule].systems}
        if outside := only_for_kinds(sorted(kinds), self.exam.kind):
            raise NotApplicableError(outside)
        forms = {form for rule in _rules(item) for form in self.catalogue[rule].forms}
        if outside := only_for_forms(sorted(forms), self.exam.door.form):
            raise NotApplicableError(outside)
        if types and "*" not in types and not self.exam.types:
            raise NotApplicableError(
                f"manifestet lovar ingen av: {', '.join(sorted(types))} (promised by the manifest: none)"
            )
        declared = self.exam.manifest.get("capabilities") or []
        for name in (name for mark in item.iter_markers("capability") for name in mark.args):
            if name not in declared:
                raise NotApplicableError(f"manifestet lovar inte {name} (not promised by the manifest)")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Give the check its time, and no more; put the source right after it, whatever happened."""
        mark = item.get_closest_marker("seconds")
        try:
            with time_limit(float(mark.args[0]) if mark else PATIENCE[_lane(item)]):
                return (yield)
        finally:
            self.exam.control.clear_faults()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the verdict: of the call, or of a set-up that did not let it happen."""
        report = yield
        if call.when == "call" or (call.excinfo is not None and call.when == "setup"):
            self._keep(item, self._judge(item, call))
        elif call.excinfo is not None:
            self._keep(
                item, _result(item, Verdict.ERROR, message=_our_fault(call.excinfo), seconds=call.duration)
            )
        return report

    def _keep(self, item: pytest.Item, result: CheckResult) -> None:
        self.results.append(result)
        if result.verdict in {Verdict.FAIL, Verdict.CONFIG, Verdict.ERROR}:
            for rule in result.rules:
                self.broken.setdefault(rule, result.message)
            if item.get_closest_marker("gate") is not None and self.gate is None:
                self.gate = f"{result.rules[0]}: {result.message}"
        self.on_result(result)

    def _judge(  # noqa: PLR0911 - one return per verdict
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> CheckResult:
        seconds = call.duration
        if call.excinfo is None:
            return _result(item, Verdict.PASS, seconds=seconds)
        error = call.excinfo.value
        exchanges = tuple(show_exchange(exchange) for exchange in self.exam.door.exchanges)
        match error:
            case Finding():
                return _result(
                    item,
                    Verdict.FAIL,
                    message=error.message,
                    expected=show(error.expected),
                    got=show(error.got),
                    patient=show(error.patient),
                    details=tuple((key, show(value) or "") for key, value in error.details.items()),
                    exchanges=exchanges,
                    seconds=seconds,
                )
            case AssertionError():
                return _result(
                    item,
                    Verdict.FAIL,
                    message=str(error).strip()[:2000],
                    exchanges=exchanges,
                    seconds=seconds,
                )
            case ConfigurationError():
                return _result(
                    item, Verdict.CONFIG, message=error.message, reason=error.hint, seconds=seconds
                )
            case BlockedError():
                return _result(item, Verdict.BLOCKED, reason=error.reason, seconds=seconds)
            case NotObservedError():
                return _result(item, Verdict.NOT_OBSERVED, reason=error.reason, seconds=seconds)
            case NotApplicableError():
                return _result(item, Verdict.NOT_APPLICABLE, reason=error.reason, seconds=seconds)
            case CheckTimeoutError() if self.exam.door.waiting:
                return _result(
                    item,
                    Verdict.FAIL,
                    message=f"the connector had not answered when the check's time was up: {error}",
                    exchanges=exchanges,
                    seconds=seconds,
                )
            case _:
                return _result(
                    item,
                    Verdict.ERROR,
                    message=_our_fault(call.excinfo),
                    exchanges=exchanges,
                    seconds=seconds,
                )


def _our_fault(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    last = excinfo.traceback[-1]
    return f"{excinfo.typename} at {Path(last.path).name}:{last.lineno + 1}: {str(excinfo.value)[:400]}"


def _rules(item: pytest.Item) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule for mark in item.iter_markers("rule") for rule in mark.args))


def _lane(item: pytest.Item) -> str:
    mark = item.get_closest_marker("lane")
    return str(mark.args[0]) if mark else "full"


def _result(item: pytest.Item, verdict: Verdict, **values: Any) -> CheckResult:
    document = getattr(getattr(item, "function", None), "__doc__", None) or ""
    return CheckResult(
        check=item.name,
        rules=_rules(item),
        lane=_lane(item),
        verdict=verdict,
        title=document.strip().splitlines()[0] if document.strip() else "",
        **values,
    )


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `CheckTimeoutError` in the block after *seconds*, where the platform can interrupt a thread at all."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(signum: int, frame: object) -> None:
        del signum, frame
        raise CheckTimeoutError(f"{seconds:.0f} s")

    started = time.monotonic()
    before = signal.signal(signal.SIGALRM, ring)
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            # Another alarm was ticking (pytest-timeout around our own tests): let it ring when it would have.
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - started)))
