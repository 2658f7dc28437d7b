"""Is it the set-up or the code? Asked, and answered, before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from anslut_contracts import validation
from anslut_simulators.systems import described_systems

from anslut_conformance.errors import ConfigurationError, ExaminerError, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut_simulators.truth import Identity

    from anslut_conformance.exam import Exam

#: Whose turn it is: nobody's, the operator's (CONFIG) or the connector's author's (FAIL).
Blame = Literal["none", "set-up", "connector"]

_OK = 200
_REFUSED = {401, 403}
_NOBODY = "start the connector with the settings that certify prints, or let the examiner start it: --start"
_BROKEN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One question before the run, its answer, and what to do about a no."""

    name: str
    sv: str
    en: str
    blame: Blame = "none"
    found: str = ""
    hint: str = ""

    @property
    def ok(self) -> bool:
        """Whether the answer was yes."""
        return self.blame == "none"


@dataclass(frozen=True, slots=True)
class _Question:
    name: str
    sv: str
    en: str
    ask: Callable[[Exam], tuple[Blame, str, str]]


def preflight(exam: Exam) -> list[Step]:
    """Ask every question in order and stop at the first no: what follows would only repeat it."""
    steps = []
    for step in _steps(exam):
        steps.append(step)
        if not step.ok:
            break
    return steps


def require_ready(exam: Exam) -> list[Step]:
    """Return the steps when nothing speaks against a run; raise `ConfigurationError` when the set-up does."""
    steps = preflight(exam)
    last = steps[-1]
    if last.blame == "set-up":
        raise ConfigurationError(f"{last.sv}: {last.found}", hint=last.hint)
    return steps


def _steps(exam: Exam) -> Iterator[Step]:
    for question in QUESTIONS:
        try:
            blame, found, hint = question.ask(exam)
        except Finding as finding:
            # A door that does not answer at all: only the first question may call that a set-up fault.
            reach = question.name == "reach"
            blame, found = "set-up" if reach else "connector", finding.message
            hint = _NOBODY if reach else ""
        yield Step(name=question.name, sv=question.sv, en=question.en, blame=blame, found=found, hint=hint)


def _reach(exam: Exam) -> tuple[Blame, str, str]:
    reply = exam.door.get("/health/live", token=None)
    return "none", f"/health/live: {reply.status}", ""


def _token(exam: Exam) -> tuple[Blame, str, str]:
    reply = exam.door.get("/v1/connector")
    if reply.status in _REFUSED:
        return (
            "set-up",
            f"GET /v1/connector: {reply.status} with a valid token",
            "start the connector with ANSLUT_JWKS_URL and ANSLUT_AUDIENCE as printed, or use --authentication off",
        )
    return "none", f"GET /v1/connector: {reply.status}", ""


def _manifest(exam: Exam) -> tuple[Blame, str, str]:
    document = exam.manifest
    broken = validation.errors("manifest", document)
    if broken:
        return (
            "connector",
            "; ".join(f"{e.path or '/'}: {e.rule}" for e in broken[:5]),
            "anslut explain ALL-005",
        )
    return "none", f"{document['product']} {document['version']}: {', '.join(document['types'])}", ""


def _kind(exam: Exam) -> tuple[Blame, str, str]:
    told = (exam.manifest.get("sourceSystem") or {}).get("kind")
    if told != exam.kind:
        mine = [name for name, one in described_systems().items() if one.kind == told]
        return (
            "set-up",
            f"sourceSystem.kind {told!r}, and {exam.system} is a system of kind {exam.kind!r}",
            f"examine it with --system {mine[0]}" if mine else "no simulated system is of that kind",
        )
    return "none", f"{exam.kind}: {exam.system}", ""


def _profile(exam: Exam) -> tuple[Blame, str, str]:
    told = exam.manifest.get("profileDigest")
    wanted = exam.profile.digest()
    if told != wanted:
        return (
            "set-up",
            f"profileDigest {str(told)[:12]}…, the examiner judges by {wanted[:12]}…",
            f"start the connector with ANSLUT_REGION_PROFILE={exam.profile.name}",
        )
    return "none", f"{exam.profile.name} {wanted[:12]}…", ""


def _system(exam: Exam) -> tuple[Blame, str, str]:
    told = exam.manifest.get("sourceSystemHsaIds") or []
    if exam.source_system_id not in told:
        return (
            "set-up",
            f"sourceSystemHsaIds {told}",
            f"start the connector with ANSLUT_SOURCE_SYSTEM_ID={exam.source_system_id}",
        )
    return "none", exam.source_system_id, ""


def _source(exam: Exam) -> tuple[Blame, str, str]:
    before = len(exam.control.journal())
    reply = exam.door.get("/health/ready", token=None)
    if reply.status != _OK:
        if any(call["status"] >= _BROKEN for call in exam.control.journal()[before:]):
            raise ExaminerError("the simulated source broke while the connector asked it")
        return (
            "set-up",
            f"/health/ready: {reply.status}",
            (
                "the connector cannot reach its source: compare ANSLUT_SOURCE_URL, ANSLUT_SOURCE_CLIENT_ID and "
                "ANSLUT_SOURCE_CLIENT_SECRET with what certify printed"
            ),
        )
    return "none", "/health/ready: 200", ""


def _anybody(exam: Exam) -> Identity:
    return next(iter(exam.personas("anna-vuxen")), exam.someone("preflight")).patient_id


def _same_source(exam: Exam) -> tuple[Blame, str, str]:
    declared = exam.manifest.get("types") or []
    before = len(exam.control.journal())
    reply = exam.ask(declared[0], _anybody(exam))
    if reply.status in _REFUSED:
        return "set-up", f"search: {reply.status} with a valid token", "is ANSLUT_AUDIENCE as printed?"
    if reply.status == _OK and exam.sees_calls and len(exam.control.journal()) == before:
        return (
            "set-up",
            "an answer came, but the simulated source was never asked",
            "the connector reads another source: start it with ANSLUT_SOURCE_URL as printed",
        )
    if reply.status != _OK:
        return (
            "connector",
            f"search: {reply.status} {reply.text()[:200]}",
            "your code: see the log of the connector",
        )
    return "none", f"search: {reply.status}, {len(reply.body)} bytes", ""


QUESTIONS = (
    _Question("reach", "Anslutningen svarar", "The connector answers", _reach),
    _Question("token", "Granskarens intyg godtas", "The examiner's token is accepted", _token),
    _Question("manifest", "Manifestet går att läsa", "The manifest can be read", _manifest),
    _Question("kind", "Samma slags källsystem", "The same kind of source system", _kind),
    _Question("profile", "Samma regionprofil", "The same region profile", _profile),
    _Question("system", "Samma källsystem", "The same source system", _system),
    _Question("source", "Källsystemet nås", "The source system is reached", _source),
    _Question(
        "search",
        "En första fråga besvaras ur källan",
        "A first search is answered from the source",
        _same_source,
    ),
)
