"""The control room of one region: what its pages need, gathered from the desks, and how a page is made."""

from __future__ import annotations

from functools import cached_property
from hashlib import blake2b
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import orjson
from flask import Response, request, url_for

from anslut_simulators.control.room import views
from anslut_simulators.faults.catalogue import rows
from anslut_simulators.faults.preset import presets
from anslut_simulators.new_entry import completed
from anslut_simulators.patient_keys import PatientKeys
from anslut_simulators.population.world import STOCKHOLM
from anslut_simulators.problems import ProblemError
from anslut_simulators.truth import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

    from anslut_simulators.calls import System
    from anslut_simulators.control.desk import Desk
    from anslut_simulators.control.fault_desk import FaultDesk
    from anslut_simulators.country import Region
    from anslut_simulators.index_receiver import IndexReceiver
    from anslut_simulators.journal import Journal
    from anslut_simulators.overlay import Records
    from anslut_simulators.truth import Event

LANGUAGES: Final = ("sv", "en")
COOKIE: Final = "anslut-lang"
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_SHOWN: Final = 50
_CALLS: Final = 200


class Room:
    """Everything that the pages show, for every scenario of one region."""

    def __init__(  # noqa: PLR0913 - everything that can be shown
        self,
        records: Records,
        *,
        region: Region,
        systems: Mapping[str, System],
        desk: Desk,
        faults: FaultDesk,
        journal: Journal,
        index: IndexReceiver,
    ) -> None:
        self.records = records
        self.region = region
        self.systems = systems
        self.desk = desk
        self.faults = faults
        self.journal = journal
        self.index = index

    def page(
        self,
        template: str,
        scenario: str,
        *,
        problem: ProblemError | None = None,
        **more: object,
    ) -> Response:
        """Return a page of *scenario*, with *problem* told first, in the language that the browser asks for."""
        lang = language()
        state = self.records.scenarios.state(scenario)
        now = state.now(self.records.scenarios.real_us()).astimezone(STOCKHOLM)
        done = request.args.get("done", "")
        words = self.words(lang)
        text = self._pages.get_template(f"{template}.html.jinja").render(
            t=words,
            url=lambda page, **where: address(page, **{"scenario": scenario, **where}),
            file=lambda name: address("file", name=name),
            lang=lang,
            region=self.region,
            scenario=scenario,
            now=now,
            state=state,
            section=template,
            problem=problem,
            done=words.get(f"done_{done}", "") if problem is None else "",
            **more,
        )
        answer = Response(text, status=problem.status if problem else 200, mimetype="text/html")
        answer.headers.update(_HEADERS)
        if request.args.get("lang") == lang:
            answer.set_cookie(COOKIE, lang, samesite="Strict", httponly=True)
        return answer

    def words(self, lang: str) -> views.Words:
        """Return the pages' words in *lang*."""
        return {name: said[lang] for name, said in self._words.items()}

    def start(self, scenario: str, problem: ProblemError | None = None) -> Response:
        """Return the page of the systems, and of the scenarios to choose among."""
        cards = views.system_cards(
            self.region,
            self.systems,
            scenario=scenario,
            host=request.host_url.rstrip("/"),
            lang=language(),
        )
        scenarios = list(dict.fromkeys(["demo", *self.records.scenarios.names()]))[:200]
        return self.page("systems", scenario, problem=problem, cards=cards, scenarios=scenarios)

    def people(self, scenario: str, wanted: str = "") -> Response:
        """Return the page of the personas that *wanted* fits."""
        found = views.matching(self.desk.personas(), wanted)
        shown = [{**one, "key": self.key(scenario, Identity(**one["patientId"]))} for one in found]
        return self.page("people", scenario, people=shown, wanted=wanted)

    def person(self, scenario: str, identity: Identity, problem: ProblemError | None = None) -> Response:
        """Return the page of one person: who it is, and the truth."""
        lang = language()
        words = self.words(lang)
        now = self.records.scenarios.now(scenario)
        person: Any = self.records.person(identity, at=now)
        only = request.args.get("type", "")
        events = self.desk.events(scenario, identity)
        events.sort(key=lambda event: (event.occurred_at, event.id), reverse=True)
        types = {event.type: views.type_title(event.type, lang) for event in events}
        events = [event for event in events if only not in types or event.type == only]
        shown = events if request.args.get("show") == "all" else events[:_SHOWN]
        names = {one.identity: one for one in self.records.population.personas().values()}
        persona = names.get(identity if person is None else person.identity)
        return self.page(
            "person",
            scenario,
            problem=problem,
            identity=identity,
            key=self.key(scenario, identity),
            persona=persona,
            faults=[
                views.fault_view({"id": "", **fault}, lang, {}) for fault in getattr(persona, "faults", ())
            ],
            person=person,
            name=getattr(person, "name", ""),
            born=getattr(person, "birth_date", ""),
            types=types,
            only=only,
            events=[views.entry_view(event, words, lang) for event in shown],
            count=len(events),
            choices=self._choices(person, lang),
            names=sorted(self.records.population.personas()),
        )

    def draft(
        self, scenario: str, identity: Identity, order: Mapping[str, Any], problem: ProblemError | None = None
    ) -> Response:
        """Return the page on which a new entry is filled in before it is written."""
        text = request.form.get("entry") or views.draft_of(self._sample(scenario, identity, order))
        return self.page(
            "draft",
            scenario,
            problem=problem,
            key=self.key(scenario, identity),
            what=f"{order['system']}|{order['type']}",
            system=order["system"],
            type_title=views.type_title(str(order["type"]), language()),
            entry=text,
        )

    def fault_page(self, scenario: str, problem: ProblemError | None = None) -> Response:
        """Return the page of the faults: those asked for, and those to ask for."""
        lang = language()
        names = {one.identity.extension: name for name, one in self.records.population.personas().items()}
        behind_gate = [*self.systems, self.index.name]
        system = request.values.get("system", "")
        chosen = system if system in behind_gate else behind_gate[0]
        return self.page(
            "faults",
            scenario,
            problem=problem,
            active=[views.fault_view(fault, lang, names) for fault in self.faults.all(scenario)],
            systems=behind_gate,
            chosen=chosen,
            presets=[(one.preset, getattr(one, lang)) for one in presets().values()],
            forms=[
                views.fault_form(row, lang)
                for row in rows().values()
                if self.faults.can_have(chosen, row.fault)
            ],
            names=sorted(names.values()),
        )

    def calls(self, scenario: str) -> Response:
        """Return the page of the latest calls."""
        state = self.records.scenarios.state(scenario)
        faults = {fault.id: fault.fault for fault in state.faults}
        calls = self.journal.calls(state)[-_CALLS:][::-1]
        words = self.words(language())
        return self.page("journal", scenario, calls=[views.call_view(call, faults, words) for call in calls])

    def index_page(self, scenario: str) -> Response:
        """Return the page of what the engagement index knows."""
        contents = self.index.contents(self.records.scenarios.state(scenario))
        return self.page(
            "index",
            scenario,
            engagements=contents["engagements"][:_CALLS],
            transactions=contents["transactions"][-_CALLS:][::-1],
        )

    def key(self, scenario: str, identity: Identity) -> str:
        """Return what stands for *identity* in the pages' addresses, where no number may stand."""
        return self._keys(scenario).seal(identity)

    def identity(self, scenario: str, key: str) -> Identity:
        """Return whose key *key* is; raise a problem (404) for none of ours."""
        found = self._keys(scenario).open(key)
        if found is None:
            raise ProblemError(404, "unknown-person", "Nobody here has that key")
        return found

    def _keys(self, scenario: str) -> PatientKeys:
        secret = f"{self.region.name}|{scenario}".encode()
        return PatientKeys(blake2b(secret, key=b"anslut-control-room", digest_size=32).digest())

    def _choices(self, person: Any, lang: str) -> list[tuple[str, str]]:  # noqa: ANN401 - any population's person
        known = () if person is None else person.systems
        return [
            (f"{name}|{type_name}", f"{name}: {views.type_title(type_name, lang)}")
            for name, system in self.systems.items()
            if name in known
            for type_name in system.types
        ]

    def _sample(self, scenario: str, identity: Identity, order: Mapping[str, Any]) -> Event:
        if order["system"] not in self.systems:
            raise ProblemError(
                422, "invalid-query", "The request does not fit", detail="what: unknown system"
            )
        return completed(
            dict(order),
            patient=identity,
            event_id="ny",
            now=self.records.scenarios.now(scenario),
            region=self.region,
            system=str(order["system"]),
        )

    @cached_property
    def _words(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = orjson.loads(
            resources.files(__package__).joinpath("words.json").read_bytes()
        )
        return found

    @cached_property
    def _pages(self) -> Environment:
        # Only a browser needs it, and a region must start fast.
        import jinja2  # noqa: PLC0415 - see above

        return jinja2.Environment(
            loader=jinja2.PackageLoader(str(__package__)),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )


def language() -> str:
    """Return the language that the browser asks for: by address, by an earlier choice, or by its settings."""
    for asked in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return str(asked)
    return request.accept_languages.best_match(LANGUAGES) or "sv"


def address(page: str, **where: str | None) -> str:
    """Return the address of a page or form of the room; what is empty is left out."""
    values: dict[str, Any] = {name: value for name, value in where.items() if value}
    return url_for(f"control.room_{page}", **values)
