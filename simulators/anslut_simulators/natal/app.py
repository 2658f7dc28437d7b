"""Natal's FHIR API: routes, searches and pages over the records of one region."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import orjson

from anslut_simulators.calls import Answer, Call
from anslut_simulators.credentials import credentials
from anslut_simulators.faults.changes import retold
from anslut_simulators.natal import parameters
from anslut_simulators.natal.bundles import InvalidPageError, PageTokens, bundle, entry, place_of
from anslut_simulators.natal.capability import smart_configuration, statement
from anslut_simulators.natal.chart import Charts, ends_of
from anslut_simulators.natal.history import history_entry
from anslut_simulators.natal.login import Login
from anslut_simulators.natal.outcome import FHIR_JSON, OutcomeError, outcome
from anslut_simulators.natal.people import identity_of, patient
from anslut_simulators.natal.render import TYPES, Renderer, instant
from anslut_simulators.natal.spoil import FAULTS, spoil
from anslut_simulators.natal.words import CHANGE_NUMBER, keywords, organisations
from anslut_simulators.patient_keys import PatientKeys

if TYPE_CHECKING:
    from anslut_simulators.country import Region
    from anslut_simulators.natal.parameters import Query
    from anslut_simulators.overlay import Records
    from anslut_simulators.scenario import State
    from anslut_simulators.truth import Event, Identity, Reason

_BASE: Final = "/fhir"
_EVERYTHING: Final = "/$everything"
_SEARCHED: Final = parameters.DOCUMENTS | parameters.BESIDE - {"Provenance"}
_WARDS: Final = frozenset({"delivery", "maternity-ward"})
_FAILURES: Final = {
    413: ("too-costly", "Anropet är för stort"),
    429: ("throttled", "För många anrop"),
    500: ("exception", "Natal gick sönder"),
    503: ("transient", "Natal är tillfälligt stängt"),
    504: ("timeout", "Natal hann inte svara"),
}


class Natal:
    """The maternity and delivery record of one region, for all scenarios."""

    types: tuple[str, ...] = tuple(TYPES.values())
    faults = FAULTS

    def __init__(self, records: Records, *, secret: bytes, region: Region, name: str = "natal") -> None:
        self.name = name
        self._records = records
        self._secret = secret
        self._organisations = organisations(region)
        wards = {unit.hsa_id for unit in region.units if unit.kind in _WARDS}
        self._renderer = Renderer(self._organisations, wards=wards)
        self._charts = Charts(records, system=name)
        self._tokens = PageTokens(secret)
        self._login = Login(name, secret=secret)
        self._keys: dict[str, PatientKeys] = {}

    def answer(self, call: Call) -> Answer:
        """Answer one call in FHIR."""
        try:
            return self._route(call)
        except OutcomeError as error:
            return error.answer

    def keyword(self, reason: Reason) -> str:
        """Return the heading for *reason*."""
        return keywords()[reason]

    def identify(self, call: Call) -> Identity | None:
        """Return whom the call is about: the Patient in its address, or the number searched for."""
        path = call.path.removeprefix(_BASE)
        try:
            if path == "/Patient/_search":
                return self._searched(call)
            if path.startswith("/Patient/"):
                key = path.removeprefix("/Patient/").removesuffix(_EVERYTHING)
            else:
                key = parameters.read_search(path.strip("/"), self._asked(call)).patient or ""
        except OutcomeError:
            return None
        return self._patient_keys(call.state).open(key)

    def refuse(self, status: int, *, retry_after: int | None = None) -> Answer:
        """Return Natal's own way of failing with *status*."""
        headers = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
        return outcome(
            status, *_FAILURES.get(status, ("exception", "Natal är stört")), headers=headers
        ).answer

    def missing(self, event: Event) -> list[str]:
        """Return the places in *event* that Natal cannot write: its units are the region's own."""
        return [] if event.unit.hsa_id in self._organisations else ["unit"]

    def guide(self, base_url: str) -> list[tuple[str, str]]:
        """Return the first calls to try, as curl commands."""
        login = credentials(self.name, base_url.rstrip("/").split("/")[-2])
        form = f"-u {login.client_id}:{login.client_secret} -d grant_type=client_credentials"
        return [
            ("Vad Natal kan / what Natal can do", f"curl -s {base_url}/fhir/metadata"),
            ("Hämta ett åtkomstbevis / get a token", f"curl -s {form} {base_url}/auth/token"),
            (
                "Läs enheterna / read the units",
                f"curl -s -H 'Authorization: Bearer …' {base_url}/fhir/Organization",
            ),
        ]

    def _route(self, call: Call) -> Answer:
        if call.path == "/auth/token":
            return self._login.token(_only(call, "POST"))
        path = call.path.removeprefix(_BASE)
        if path == call.path:
            raise _unknown()
        now = instant(call.state.now(call.real_us))
        if path == "/metadata":
            return _fhir(statement(now), _only(call, "GET"))
        if path == "/.well-known/smart-configuration":
            body = smart_configuration(f"{self._address(call)[: -len(_BASE)]}/auth/token")
            return Answer(200, orjson.dumps(body))
        call.consumer = self._login.check(call)
        kind, _, rest = path[1:].partition("/")
        own = {"_history": self._history, "Patient": self._patients, "Organization": self._units}.get(kind)
        return own(call, rest, now) if own is not None else self._found(call, kind, rest, now)

    def _found(self, call: Call, kind: str, rest: str, now: str) -> Answer:
        if kind in _SEARCHED and rest in {"", "_search"}:
            query = parameters.read_search(kind, self._asked(_only(call, "POST" if rest else "GET")))
            return self._page(call, self._opened(call, query.patient or ""), query, now, whole=False)
        if kind in _SEARCHED | {"Provenance"}:
            raise outcome(404, "not-found", "Natal läser en resurs med sökning på patient, inte på id")
        raise _unknown()

    def _asked(self, call: Call) -> str:
        return parameters.read_form(call.body, call.content_type) if call.method == "POST" else call.query

    def _patients(self, call: Call, rest: str, now: str) -> Answer:
        if not rest:
            text = (
                "Sök på identifier med POST till Patient/_search: ett personnummer får inte stå i en adress"
            )
            raise outcome(405, "not-supported", text, headers=(("Allow", "POST"),))
        if rest == "_search":
            return self._search(_only(call, "POST"), now)
        identity = self._opened(_only(call, "GET"), rest.removesuffix(_EVERYTHING))
        if rest.endswith(_EVERYTHING):
            return self._page(call, identity, parameters.read_everything(call.query), now, whole=True)
        return _fhir(self._person(call, identity), call)

    def _person(self, call: Call, identity: Identity) -> dict[str, Any]:
        person = self._records.person(identity, at=call.state.now(call.real_us))
        others = () if person is None else (person.identity, *person.linked)
        return patient(identity, others, seal=self._patient_keys(call.state).seal)

    def _search(self, call: Call, now: str) -> Answer:
        identity = call.patient = self._searched(call)
        person = self._records.person(identity, at=call.state.now(call.real_us))
        base = self._address(call)
        rows = []
        if person is not None and self.name in person.systems:
            seal = self._patient_keys(call.state).seal
            rows.append(entry(patient(identity, (person.identity, *person.linked), seal=seal), base))
        found = bundle("searchset", rows, self_link=f"{base}/Patient/_search", updated=now)
        return _fhir({**found, "total": len(rows)}, call)

    def _searched(self, call: Call) -> Identity:
        system, value = parameters.read_identifier(parameters.read_form(call.body, call.content_type))
        return identity_of(system, value)

    def _opened(self, call: Call, key: str) -> Identity:
        identity = self._patient_keys(call.state).open(key)
        if identity is None:
            raise outcome(404, "not-found", "Ingen patient har det id:t")
        call.patient = identity
        return identity

    def _units(self, call: Call, rest: str, now: str) -> Answer:
        base = self._address(_only(call, "GET"))
        if rest:
            unit = next((one for one in self._organisations.values() if one["id"] == rest), None)
            if unit is None:
                raise outcome(404, "not-found", "Ingen enhet har det id:t")
            return _fhir(unit, call)
        rows = [entry(unit, base) for unit in self._organisations.values()]
        return _fhir(bundle("searchset", rows, self_link=f"{base}/Organization", updated=now), call)

    def _page(self, call: Call, identity: Identity, query: Query, now: str, *, whole: bool) -> Answer:
        seal = self._patient_keys(call.state).seal
        base, key = self._address(call), seal(identity)
        events, children = self._charts.events(
            call.state, identity, query, now=call.state.now(call.real_us), whole=whole
        )
        ends = ends_of(events)
        binding = f"{call.state.name}|{call.state.generation}|{key}|{whole}|{query.binding}"
        if query.page is not None:
            events = self._after(call, events, binding, query.page)
        rows: list[dict[str, Any]] = []
        last: Event | None = None
        for event in events:
            group = [
                entry(resource, base, mode="match" if _is_match(resource, query, whole) else "include")
                for resource in self._renderer.resources(event, seal, ends=ends)
                if _is_wanted(resource, query) and (whole or _is_about(resource, key))
            ]
            if rows and len(rows) + len(group) > query.at_most:
                break
            rows += group
            last = event
        more = last is not None and last is not events[-1]
        if whole and query.page is None and "Patient" in query.types:
            rows[:0] = [entry(self._person(call, one), base) for one in (identity, *children)]
        spoil(call, rows)
        if call.fault("foreign-entry"):
            rows += [entry(resource, base) for resource in self._foreign(call, identity, query)]
        path = f"{base}/Patient/{key}{_EVERYTHING}" if whole else f"{base}/{next(iter(query.types))}"
        self_link, first_link = _links(path, query, None if whole else key)
        next_link = None
        if more and last is not None:
            token = self._tokens.write(binding, last)
            next_link = f"{first_link}&{urlencode({'_page': token})}"
        elif rows and call.fault("endless-pages"):
            next_link = first_link
        return _fhir(bundle("searchset", rows, self_link=self_link, next_link=next_link, updated=now), call)

    def _after(self, call: Call, events: list[Event], binding: str, token: str) -> list[Event]:
        try:
            place = self._tokens.read(binding, token)
        except InvalidPageError:
            raise outcome(400, "invalid", "Sidan hör inte till den här sökningen") from None
        if call.fault("stale-cursor"):
            raise outcome(410, "expired", "Sökningens sidor finns inte kvar, sök på nytt")
        return [event for event in events if place_of(event) < place]

    def _foreign(self, call: Call, identity: Identity, query: Query) -> list[dict[str, Any]]:
        """Return an entry of somebody else: the first persona, in order of name, who has one."""
        own = self._records.person(identity)
        mine = {identity} if own is None else {own.identity, *own.linked}
        now = call.state.now(call.real_us)
        for _, persona in sorted(self._records.population.personas().items()):
            if persona.identity not in mine:
                found, _ = self._charts.events(call.state, persona.identity, query, now=now, whole=False)
                entered = next((event for event in found if event.state == "entered"), None)
                if entered is not None:
                    seal = self._patient_keys(call.state).seal
                    resources = self._renderer.resources(entered, seal, ends=ends_of(found))
                    return [one for one in resources if _is_wanted(one, query)]
        raise outcome(500, "exception", "Ingen annan patient har någon sådan post")

    def _history(self, call: Call, rest: str, now: str) -> Answer:
        if rest:
            raise _unknown()
        after, at_most = parameters.read_history(_only(call, "GET").query)
        page = self._records.feed.read(
            call.state,
            system=self.name,
            types=self.types,
            now=call.state.now(call.real_us),
            after=after,
            at_most=at_most,
        )
        told, latest = retold(call, page.changes, after=after, latest=page.latest)
        base, seal = self._address(call), self._patient_keys(call.state).seal
        rows = [history_entry(change, base, seal=seal) for change in told]
        last = max((change.number for change in told), default=min(after, latest))
        path = f"{base}/_history"
        found = bundle(
            "history",
            rows,
            self_link=f"{path}?_after={after}&_count={at_most}",
            next_link=f"{path}?_after={last}&_count={at_most}" if last < latest and told else None,
            updated=now,
        )
        return _fhir({**found, "identifier": {"system": CHANGE_NUMBER, "value": str(last)}}, call)

    def _address(self, call: Call) -> str:
        return f"{call.origin or 'http://natal.example'}/s/{call.state.name}/{self.name}{_BASE}"

    def _patient_keys(self, state: State) -> PatientKeys:
        keys = self._keys.get(state.name)
        if keys is None:
            if len(self._keys) > 1000:  # noqa: PLR2004 - hostile names must not fill the memory
                self._keys = {}
            secret = blake2b(f"natal|{state.name}".encode(), key=self._secret, digest_size=32).digest()
            keys = self._keys[state.name] = PatientKeys(secret)
        return keys


def create_system(records: Records, *, secret: bytes, region: Region, name: str = "natal") -> Natal:
    """Return the region's Natal, or the installation of it called *name*."""
    return Natal(records, secret=secret, region=region, name=name)


def _is_wanted(resource: dict[str, Any], query: Query) -> bool:
    kind = resource["resourceType"]
    if kind not in query.types and not (query.with_acts and kind == "Provenance"):
        return False
    updated = resource["meta"]["lastUpdated"]
    return (query.since or "") <= updated and (query.until is None or updated < query.until)


def _is_about(resource: dict[str, Any], key: str) -> bool:
    """Tell whether a search for a patient finds *resource*: a newborn's sheet stands in the mother's chart only."""
    about = resource.get("subject")
    return about is None or about.get("reference") == f"Patient/{key}"


def _is_match(resource: dict[str, Any], query: Query, whole: bool) -> bool:  # noqa: FBT001 - as its caller says
    return whole or resource["resourceType"] in query.types


def _links(path: str, query: Query, key: str | None) -> tuple[str, str]:
    """Return the address of this page, and of the first one; no address holds a number."""
    given = {"_count": str(query.at_most)}
    if key is not None:
        given = {"patient": key, **given}
        if query.since or query.until:
            bounds = ("ge", query.since) if query.until is None else ("lt", query.until)
            given["_lastUpdated"] = f"{bounds[0]}{bounds[1]}"
        if query.with_acts:
            given["_revinclude"] = "Provenance:target"
    else:
        given["_type"] = ",".join(sorted(query.types))
        if query.since:
            given["_since"] = query.since
    first = f"{path}?{urlencode(given)}"
    return (first if query.page is None else f"{first}&{urlencode({'_page': query.page})}"), first


def _only(call: Call, method: str) -> Call:
    if call.method != method and not (method == "GET" and call.method == "HEAD"):
        text = f"Resursen nås med {method}"
        raise outcome(405, "not-supported", text, headers=(("Allow", method),))
    return call


def _unknown() -> OutcomeError:
    return outcome(404, "not-supported", "Natal har ingen sådan resurs")


def _fhir(resource: dict[str, Any], call: Call) -> Answer:
    body = orjson.dumps(resource)
    tag = f'W/"{blake2b(body, digest_size=10).hexdigest()}"'
    headers = (("ETag", tag), ("Cache-Control", "private, no-cache"))
    if call.if_none_match and (call.if_none_match.strip() == "*" or tag in call.if_none_match):
        return Answer(304, b"", headers)
    return Answer(200, body, headers, content_type=FHIR_JSON)
