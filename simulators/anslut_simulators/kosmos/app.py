"""Kosmos' native API: routes, error words, paging and caching headers, over the records of one region."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import orjson

from anslut_simulators.calls import Answer, Call
from anslut_simulators.credentials import credentials
from anslut_simulators.faults.changes import retold
from anslut_simulators.kosmos.codes import CodeLists, keywords
from anslut_simulators.kosmos.fel import FelError, fel
from anslut_simulators.kosmos.login import Login
from anslut_simulators.kosmos.numbers import InvalidNumberError, read_number, read_reserve, write_identity
from anslut_simulators.kosmos.paging import Cursors, InvalidCursorError, after, newest_first
from anslut_simulators.kosmos.parameters import Query, read_feed_query, read_query
from anslut_simulators.kosmos.render import Renderer
from anslut_simulators.kosmos.resources import feed_names, resources
from anslut_simulators.kosmos.spoil import FAULTS, spoil
from anslut_simulators.kosmos.wall_clock import local_time
from anslut_simulators.patient_keys import PatientKeys

if TYPE_CHECKING:
    from anslut_simulators.country import Region
    from anslut_simulators.overlay import Records
    from anslut_simulators.scenario import State
    from anslut_simulators.truth import Event, Identity, Reason

_PATIENTS: Final = "/api/v2/patienter/"
_CODES: Final = "/api/v2/koder/"
_FAILURES: Final = {
    413: ("FOR_STORT", "Anropet är för stort"),
    429: ("FOR_MANGA_ANROP", "För många anrop"),
    500: ("INTERNT_FEL", "Kosmos gick sönder"),
    503: ("STANGT", "Kosmos är tillfälligt stängt"),
    504: ("TIDSGRANS", "Kosmos hann inte svara"),
}


@dataclass(frozen=True, slots=True)
class _Page:
    events: list[Event]
    cursor: str | None


class Kosmos:
    """The record system of one region, for all scenarios."""

    types: tuple[str, ...] = tuple(feed_names())
    faults = FAULTS

    def __init__(self, records: Records, *, secret: bytes, region: Region, name: str = "kosmos") -> None:
        self.name = name
        self._records = records
        self._secret = secret
        self._codes = CodeLists(region)
        self._renderer = Renderer(self._codes)
        self._cursors = Cursors(secret)
        self._login = Login(self.name, secret=secret)
        self._keys: dict[str, PatientKeys] = {}
        self._code_answers = {name: orjson.dumps({"koder": rows}) for name, rows in self._codes.lists.items()}

    def answer(self, call: Call) -> Answer:
        """Answer one call in Kosmos' own words."""
        try:
            return self._route(call)
        except FelError as error:
            return error.answer

    def keyword(self, reason: Reason) -> str:
        """Return the keyword for *reason*."""
        return keywords()[reason]

    def identify(self, call: Call) -> Identity | None:
        """Return whom the call is about: the patient key in its path, or the number searched for."""
        if call.path.startswith(_PATIENTS):
            key, _, rest = call.path[len(_PATIENTS) :].partition("/")
            if key == "sok" and not rest:
                try:
                    return self._searched(call)
                except FelError:
                    return None
            return self._patient_keys(call.state).open(key)
        return None

    def refuse(self, status: int, *, retry_after: int | None = None) -> Answer:
        """Return Kosmos' own way of failing with *status*."""
        headers = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
        return fel(status, *_FAILURES.get(status, ("STORNING", "Kosmos är stört")), headers=headers).answer

    def missing(self, event: Event) -> list[str]:
        """Return the places in *event* that Kosmos' code lists cannot write."""
        return self._codes.missing(event)

    def guide(self, base_url: str) -> list[tuple[str, str]]:
        """Return the first calls to try, as curl commands."""
        login = credentials(self.name, base_url.rstrip("/").split("/")[-2])
        form = f"-u {login.client_id}:{login.client_secret} -d grant_type=client_credentials"
        header = "-H 'Authorization: Bearer …'"
        return [
            ("Hämta ett åtkomstbevis / get a token", f"curl -s {form} {base_url}/oauth/token"),
            (
                "Läs en kodlista / read a code list",
                f"curl -s {header} {base_url}/api/v2/koder/anteckningstyper",
            ),
        ]

    def _route(self, call: Call) -> Answer:
        path = call.path
        if path == "/oauth/token":
            return self._login.token(_only(call, "POST"))
        call.consumer = self._login.check(call)
        if path.startswith(_PATIENTS):
            key, _, resource = path[len(_PATIENTS) :].partition("/")
            if key == "sok" and not resource:
                return self._search(_only(call, "POST"))
            kind = resources().get(resource)
            if kind is not None:
                return self._entries(_only(call, "GET"), key, resource, kind.TYPE)
        elif path.startswith(_CODES):
            body = self._code_answers.get(path[len(_CODES) :])
            if body is not None:
                return _cached(_only(call, "GET"), body)
        elif path == "/api/v2/andringar":
            return self._changes(_only(call, "GET"))
        raise fel(404, "OKAND_RESURS", "Kosmos har ingen sådan resurs")

    def _search(self, call: Call) -> Answer:
        identity = self._searched(call)
        call.patient = identity
        person = self._records.person(identity, at=call.state.now(call.real_us))
        if person is None or self.name not in person.systems:
            raise fel(404, "PATIENT_SAKNAS", "Ingen patient med det numret finns i Kosmos")
        keys = self._patient_keys(call.state)
        others = [other for other in (person.identity, *person.linked) if other != identity]
        found = {
            "patientnyckel": keys.seal(identity),
            "lankade": [{"patientnyckel": keys.seal(other)} for other in others],
        }
        return Answer(200, orjson.dumps(found))

    def _searched(self, call: Call) -> Identity:
        try:
            wanted = orjson.loads(call.body)
        except orjson.JSONDecodeError:
            raise fel(400, "OGILTIG_JSON", "Anropets innehåll är inte JSON") from None
        if not isinstance(wanted, dict) or len(wanted) != 1:
            raise fel(400, "OGILTIG_JSON", "Ange antingen personnummer eller reservnummer")
        ((name, text),) = wanted.items()
        if name not in {"personnummer", "reservnummer"} or not isinstance(text, str):
            raise fel(400, "OGILTIG_JSON", "Ange antingen personnummer eller reservnummer")
        try:
            if name == "reservnummer":
                return read_reserve(text)
            return read_number(text, today=call.state.now(call.real_us).date())
        except InvalidNumberError:
            raise fel(422, "OGILTIGT_NUMMER", "Numret är inte skrivet som Kosmos skriver det") from None

    def _entries(self, call: Call, key: str, resource: str, kind: str) -> Answer:
        identity = self._patient_keys(call.state).open(key)
        if identity is None:
            raise fel(404, "PATIENT_SAKNAS", "Patientnyckeln är okänd")
        call.patient = identity
        query = read_query(call.query)
        page = self._page(
            call, identity, kind, query, binding=f"{call.state.name}|{call.state.generation}|{key}|{resource}"
        )
        entries = [self._renderer.entry(event, key) for event in page.events]
        spoil(call, entries, self._codes.lists)
        if call.fault("foreign-entry"):
            entries.append(self._foreign(call, identity, kind))
        return _cached(call, orjson.dumps({"poster": entries, "nasta": page.cursor}))

    def _page(self, call: Call, identity: Identity, kind: str, query: Query, *, binding: str) -> _Page:
        now = call.state.now(call.real_us)
        newest = None if query.first or query.last or query.cursor else query.at_most + 1
        events: list[Event] = self._records.events(
            call.state, identity, kind, system=self.name, until=now, newest=newest
        )
        if query.first or query.last:
            events = [
                event
                for event in events
                if (query.first or "") <= local_time(event.occurred_at)[:10] <= (query.last or "9999")
            ]
        events = newest_first(events)
        binding = f"{binding}|{query.first}|{query.last}|{query.at_most}"
        if query.cursor is not None:
            try:
                events = after(events, self._cursors.read(binding, query.cursor))
                if call.fault("stale-cursor"):
                    raise InvalidCursorError  # noqa: TRY301 - refused as any cursor that is not good
            except InvalidCursorError:
                raise fel(400, "OGILTIG_MARKOR", "Markören hör inte till den här frågan") from None
        if len(events) <= query.at_most:
            endless = call.fault("endless-pages") and (events or query.cursor)
            cursor = query.cursor or self._cursors.write(binding, events[-1]) if endless else None
            return _Page(events, cursor)
        events = events[: query.at_most]
        return _Page(events, self._cursors.write(binding, events[-1]))

    def _foreign(self, call: Call, identity: Identity, kind: str) -> dict[str, Any]:
        """Return an entry of somebody else: the first persona, in order of name, who is not this patient."""
        now = call.state.now(call.real_us)
        keys = self._patient_keys(call.state)
        own = self._records.person(identity)
        mine = {identity} if own is None else {own.identity, *own.linked}
        for _, persona in sorted(self._records.population.personas().items()):
            other = persona.identity
            if other in mine:
                continue
            events = self._records.events(call.state, other, kind, system=self.name, until=now)
            entered = [event for event in newest_first(events) if event.state == "entered"]
            if entered:
                return self._renderer.entry(entered[0], keys.seal(other))
        raise fel(500, "INGEN_ANNAN", "Ingen annan patient har någon sådan post")

    def _changes(self, call: Call) -> Answer:
        query = read_feed_query(call.query)
        now = call.state.now(call.real_us)
        today = now.date()
        page = self._records.feed.read(
            call.state,
            system=self.name,
            types=self.types,
            now=now,
            after=query.after,
            at_most=query.at_most,
        )
        told, latest = retold(call, page.changes, after=query.after, latest=page.latest)
        body = {
            "handelser": [
                {
                    "lopnr": change.number,
                    "identitet": write_identity(change.person, today=today),
                    "typ": feed_names()[change.type],
                    "id": change.event_id,
                    "handelse": change.kind,
                    "tid": local_time(change.time),
                }
                for change in told
            ],
            "senaste": latest,
        }
        return Answer(200, orjson.dumps(body))

    def _patient_keys(self, state: State) -> PatientKeys:
        keys = self._keys.get(state.name)
        if keys is None:
            if len(self._keys) > 1000:  # noqa: PLR2004 - hostile names must not fill the memory
                self._keys = {}
            secret = blake2b(state.name.encode(), key=self._secret, digest_size=32).digest()
            keys = self._keys[state.name] = PatientKeys(secret)
        return keys


def create_system(records: Records, *, secret: bytes, region: Region, name: str = "kosmos") -> Kosmos:
    """Return the region's Kosmos, or the installation of it called *name*."""
    return Kosmos(records, secret=secret, region=region, name=name)


def _only(call: Call, method: str) -> Call:
    if call.method != method and not (method == "GET" and call.method == "HEAD"):
        raise fel(405, "FEL_METOD", "Resursen har inte den metoden", headers=(("Allow", method),))
    return call


def _cached(call: Call, body: bytes) -> Answer:
    tag = f'"{blake2b(body, digest_size=10).hexdigest()}"'
    headers = (("ETag", tag), ("Cache-Control", "private, no-cache"))
    if call.if_none_match and (call.if_none_match.strip() == "*" or tag in call.if_none_match):
        return Answer(304, b"", headers)
    return Answer(200, body, headers)
