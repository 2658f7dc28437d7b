"""What a check holds in its hand: the connector's door, the simulated region, the truth, and what was observed.

One `Exam` lives as long as a run; `begin_check` and `end_check` mark what belongs to which check.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from anslut_contracts import information_types
from anslut_contracts.http_headers import CONSUMER_HEADER
from anslut_simulators.client import ControlError

from anslut_conformance import compare as comparing
from anslut_conformance import oracle, persons
from anslut_conformance.errors import Finding, NotApplicableError, NotObservedError
from anslut_conformance.exam_door import CONSUMER
from anslut_conformance.stages import described

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from anslut_contracts.profile import RegionProfile
    from anslut_simulators import ControlClient
    from anslut_simulators.systems import SystemDescription
    from anslut_simulators.truth import Event, Identity

    from anslut_conformance.compare import Comparison
    from anslut_conformance.doors import Reply
    from anslut_conformance.exam_door import ExamDoor
    from anslut_conformance.observation import Observations
    from anslut_conformance.oracle import Expected
    from anslut_conformance.persons import Persona, Stratum

PERSONNUMMER = "1.2.752.129.2.1.3.1"
NOTES = "care-documentation"
COORDINATION_NUMBER = "1.2.752.129.2.1.3.3"

#: How the control plane refuses a fault that a system cannot have.
IMPOSSIBLE_FAULT = 422

#: A follow-up asked for more often than this is a connector that never says that it is done.
_MOST_PAGES = 400


@dataclass(kw_only=True, repr=False)
class Exam:
    """Everything a check may ask: see each member; nothing here judges."""

    door: ExamDoor
    control: ControlClient
    profile: RegionProfile
    settings: Mapping[str, str]
    observations: Observations
    region: str = "fjallmark"
    system: str = "kosmos"
    lane: str = "full"
    rule_types: frozenset[str] | None = None
    #: What checks that change nothing have read, for the rest of the run: see `readings`.
    memory: dict[object, object] = field(default_factory=dict)

    # -- asking -----------------------------------------------------------------------------------------

    def query(self, patient_id: Identity, **filters: Any) -> dict[str, Any]:
        """Return the body of a search: *filters* in snake_case, `period=(start, end)` as dates.

        `source_system_id` is filled in where the contract demands it; pass None to leave it out.
        """
        body: dict[str, Any] = {"patientId": {"root": patient_id.root, "extension": patient_id.extension}}
        official = patient_id.root in {PERSONNUMMER, COORDINATION_NUMBER}
        if not official or filters.get("care_contact_ids"):
            filters.setdefault("source_system_id", self.source_system_id)
        for key, value in filters.items():
            if value is None:
                continue
            head, *rest = key.split("_")
            name = head + "".join(word.capitalize() for word in rest)
            if key == "period":
                start, end = value
                body[name] = {"start": _day(start), "end": _day(end)}
            else:
                body[name] = list(value) if isinstance(value, tuple | set | frozenset) else value
        return body

    def ask(self, type_: str, patient_id: Identity, *, consumer: str = CONSUMER, **filters: Any) -> Reply:
        """Search once with a valid token, for *consumer*, and return the reply, whatever it is."""
        return self.door.search(type_, self.query(patient_id, **filters), headers={CONSUMER_HEADER: consumer})

    def entries(self, type_: str, patient_id: Identity, **filters: Any) -> list[dict[str, Any]]:
        """Return all entries, following `hasMore` to the end; anything but an OK answer is a finding."""
        found: list[dict[str, Any]] = []
        for page in self.pages(type_, patient_id, **filters):
            found.extend(page["entries"])
        return found

    def pages(self, type_: str, patient_id: Identity, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield each answer of one search, following `hasMore`; anything but an OK answer is a finding."""
        reference: str | None = None
        for _ in range(_MOST_PAGES):
            more = {} if reference is None else {"has_more_reference": reference}
            reply = self.ask(type_, patient_id, **filters, **more)
            answer = self.answer(reply, type_, patient_id)
            yield answer
            following = answer.get("hasMore")
            if following is None:
                return
            reference = following["reference"]
        raise Finding(f"{type_}: still hasMore after {_MOST_PAGES} answers", patient=patient_id)

    def answer(self, reply: Reply, type_: str, patient_id: Identity) -> dict[str, Any]:
        """Return an OK answer's JSON; a problem, or a shape without `entries`, is a finding."""
        if reply.status != 200:  # noqa: PLR2004 - HTTP's own number
            raise Finding(
                f"{type_}: answered {reply.status} where an answer was due",
                expected="200 with entries",
                got=f"{reply.status} {reply.text()[:300]}",
                patient=patient_id,
            )
        document = reply.json()
        if not isinstance(document, dict) or not isinstance(document.get("entries"), list):
            raise Finding(
                f"{type_}: the answer has no list of entries",
                expected="an object with entries",
                patient=patient_id,
            )
        return document

    # -- persons and truth ------------------------------------------------------------------------------

    def persona(self, name: str) -> Persona:
        """Return who plays the part of the persona *name* in this source system.

        An unknown name is the examiner's own fault (KeyError). A part that nobody plays, because such a system
        has nothing of the sort, makes the check not applicable.
        """
        found = persons.playing(name, system=self.system)
        if found is None:
            raise NotApplicableError(
                f"ingen i {self.system} spelar {name} (nobody in {self.system} plays {name})"
            )
        return found

    def personas(self, *names: str) -> list[Persona]:
        """Return who play the parts *names* in this source system, without the parts that nobody plays."""
        found = [persons.playing(name, system=self.system) for name in names]
        return [one for one in found if one is not None]

    def people(self, count: int | None = None) -> list[Persona]:
        """Return official persons with histories, the same every time; the lane decides how many when not said."""
        wanted = count or {"quick": 3, "full": 8, "long": 40}[self.lane]
        return list(persons.people(wanted, region=self.region, system=self.system))

    def someone(self, label: str, *, stratum: Stratum = "official") -> Persona:
        """Return a person whom no other check asks about, the same for *label* every time.

        The stratum `scale` has persons who are known by reserve numbers only.
        """
        taken = frozenset(one.patient_id for one in (*persons.personas().values(), *self.people()))
        return persons.someone(label, region=self.region, system=self.system, stratum=stratum, but=taken)

    def name_of(self, patient_id: Identity) -> str | None:
        """Return the name the report uses for an identity, when it belongs to a persona."""
        return next((p.name for p in persons.personas().values() if patient_id in p.identities), None)

    def truth(self, patient_id: Identity, type_: str | None = None) -> list[Event]:
        """Return what this source system keeps, drafts and removed entries too, under all the person's identities."""
        return [event for event in self.control.truth(patient_id, type_) if event.system == self.system]

    def now(self) -> datetime:
        """Return the scenario's time, an aware datetime."""
        return self.control.now()

    def expected(self, patient_id: Identity, type_: str) -> list[Expected]:
        """Return what the connector owes for *patient_id*: a pure function of truth, profile and clock."""
        return self.owed(patient_id, self.truth(patient_id, type_))

    def owed(self, patient_id: Identity, events: Sequence[Event]) -> list[Expected]:
        """Return what the connector owes for *patient_id* out of *events*, which are the truth."""
        return oracle.expected(events, self.profile, asked=patient_id, system=self.program, now=self.now())

    def compare(
        self, expected: Sequence[Expected], entries: Sequence[Mapping[str, Any]], type_: str
    ) -> Comparison:
        """Hold *entries* of *type_* against *expected* by meaning: see `Comparison`."""
        return comparing.compare(expected, entries, type_=type_)

    # -- the connector ----------------------------------------------------------------------------------

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the connector says about itself; no manifest, or not JSON, is a finding."""
        reply = self.door.get("/v1/connector")
        if reply.status != 200:  # noqa: PLR2004 - HTTP's own number
            raise Finding(
                f"GET /v1/connector answered {reply.status}",
                expected="200 with a manifest",
                got=reply.text()[:200],
            )
        document = reply.json()
        if not isinstance(document, dict):
            raise Finding("the manifest is not an object", expected="an object", got=type(document).__name__)
        return document

    @property
    def has_manifest(self) -> bool:
        """Whether the connector's manifest can be read at all."""
        try:
            return bool(self.manifest)
        except Finding:
            return False

    @property
    def types(self) -> tuple[str, ...]:
        """The information types this check concerns: what the manifest declares, narrowed by the rule."""
        declared = self.manifest.get("types")
        if not isinstance(declared, list):
            raise Finding("the manifest names no information types", expected="types: [...]", got=declared)
        return tuple(t for t in declared if self.rule_types is None or t in self.rule_types)

    def filters(self, type_: str) -> frozenset[str]:
        """Return the filters that a query of *type_* can have through this door."""
        return information_types()[type_].filters - self.door.raw.lacks(type_)

    @property
    def lead(self) -> str:
        """The type that checks about no type in particular try: notes where there are any, else the first declared."""
        declared = self.manifest["types"]
        return NOTES if NOTES in declared else str(declared[0])

    @property
    def kind(self) -> str:
        """The kind of source system: `record`, `vaccination` and so on."""
        return self._described.kind

    @property
    def record_calls(self) -> str | None:
        """A pattern of the calls that fetch a person's entries from the source; None when all calls do."""
        return self._described.records

    @property
    def sees_calls(self) -> bool:
        """Whether the source's journal tells the connector's calls: a database that is read directly has none."""
        return self.settings["ANSLUT_SOURCE_URL"].startswith("http")

    def keyword(self, reason: str) -> str:
        """Return a keyword that the profile excludes for *reason* in this system; without one, not applicable."""
        rows = self.profile.excluded_keywords
        found = next(
            (row.term for row in rows if row.reason == reason and row.system in {"*", self.program}), None
        )
        if found is None:
            raise NotApplicableError(f"inget sökord undantas för {reason} (no keyword is excluded for that)")
        return found

    @property
    def program(self) -> str:
        """What the system is an installation of: the name that region profiles use."""
        return self._described.name

    @cached_property
    def _described(self) -> SystemDescription:
        return described(self.region, self.system)

    @property
    def source_system_id(self) -> str:
        """The HSA-id of the source system the connector was pointed at."""
        return self.settings["ANSLUT_SOURCE_SYSTEM_ID"]

    # -- observed beside the answers --------------------------------------------------------------------

    def access_log(self) -> list[dict[str, Any]]:
        """Return the access log's lines since the check began; a line that is not JSON is a finding."""
        return self.observations.access_log()

    def access_log_text(self) -> str:
        """Return the whole access log as text, since the run began."""
        return self.observations.access_log_text()

    def files(self) -> list[Path]:
        """Return files the connector has written since the run began, its access log left out."""
        return self.observations.files()

    def process_output(self) -> str:
        """Return what the connector has printed and logged since the run began."""
        return self.observations.process_output()

    def observes(self, what: str) -> bool:
        """Tell whether *what* can be seen in this run (`access-log`, `files`, `process`, `authentication`, `index`)."""
        return self.observations.why_not(what) is None

    def need(self, what: str) -> None:
        """Stop the check as NOT OBSERVED when *what* cannot be seen."""
        reason = self.observations.why_not(what)
        if reason is not None:
            raise NotObservedError(reason)

    # -- conditions -------------------------------------------------------------------------------------

    def eventually(self, question: Callable[[], Any], *, seconds: float = 10.0, every: float = 0.02) -> Any:
        """Ask until the answer is truthy and return it, or the last answer when *seconds* have passed."""
        deadline = time.monotonic() + seconds
        while True:
            answer = question()
            if answer or time.monotonic() > deadline:
                return answer
            time.sleep(every)

    @contextmanager
    def fault(self, kind: str, **details: Any) -> Iterator[str]:
        """Make the source misbehave inside a `with` block; details as in the control plane (snake_case)."""
        details.setdefault("system", self.system)
        try:
            told = {name: value for name, value in details.items() if value is not None}
            number = self.control.fault(kind, **told)
        except ControlError as error:
            if error.status != IMPOSSIBLE_FAULT:
                raise
            raise NotApplicableError(
                f"{self.system} kan inte få felet {kind} (cannot have that fault)"
            ) from None
        try:
            yield number
        finally:
            self.control.clear_faults()

    # -- bookkeeping, for the plugin --------------------------------------------------------------------

    def begin_check(self, *, types: Collection[str] | None) -> None:
        """Start a check: its exchanges and its part of the access log begin here."""
        self.rule_types = frozenset(types) if types and "*" not in types else None
        self.door.exchanges.clear()
        self.observations.mark()


def _day(value: date | str) -> str:
    return value if isinstance(value, str) else value.isoformat()
