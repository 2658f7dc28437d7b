"""Rådgivningsstödet's native API: one stream of lines per person, over the calls of one region."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import orjson

from anslut_simulators.calls import Answer, Call
from anslut_simulators.credentials import credentials
from anslut_simulators.faults.changes import retold
from anslut_simulators.radgivning.codes import CodeLists, keywords
from anslut_simulators.radgivning.fel import FelError, fel
from anslut_simulators.radgivning.numbers import (
    InvalidNumberError,
    read_identity,
    write_identity,
    write_number,
)
from anslut_simulators.radgivning.render import Renderer, milliseconds
from anslut_simulators.radgivning.spoil import FAULTS, spoil, spoil_end
from anslut_simulators.radgivning.stream import CONTENT_TYPE, PARTS, pieces, record_lines, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.country import Region
    from anslut_simulators.overlay import Records
    from anslut_simulators.radgivning.render import Line
    from anslut_simulators.truth import Event, Identity, Reason

NOTES: Final = "care-documentation"
CONTACTS: Final = "care-contacts"
WORDS: Final = {NOTES: "anteckning", CONTACTS: "samtal"}
_CODES: Final = "/v1/kodverk/"
_RECORDINGS: Final = "/v1/inspelningar/"
_MOST_CHANGES: Final = 500
_DIGITS: Final = 16
_FAILURES: Final = {
    413: ("FOR_STORT", "Anropet är för stort"),
    429: ("FOR_MANGA_ANROP", "För många anrop"),
    500: ("INTERNT_FEL", "Rådgivningsstödet gick sönder"),
    503: ("STANGT", "Rådgivningsstödet är tillfälligt stängt"),
    504: ("TIDSGRANS", "Rådgivningsstödet hann inte svara"),
}


class Radgivning:
    """The telephone advice system of one region, for all scenarios."""

    types: tuple[str, ...] = tuple(WORDS)
    faults = FAULTS

    def __init__(self, records: Records, *, secret: bytes, region: Region, name: str = "radgivning") -> None:
        self.name = name
        self._records = records
        self._codes = CodeLists(region)
        self._renderer = Renderer(self._codes, secret=secret[:64])
        self._code_answers = {
            name: pieces(written([*({"typ": "kod", **row} for row in rows), _end(len(rows))]))
            for name, rows in self._codes.lists.items()
        }

    def answer(self, call: Call) -> Answer:
        """Answer one call in its own words."""
        try:
            return self._route(call)
        except FelError as error:
            return error.answer

    def keyword(self, reason: Reason) -> str:
        """Return the heading for *reason*."""
        return keywords()[reason]

    def identify(self, call: Call) -> Identity | None:
        """Return whom the call is about: the person in its body."""
        if call.path != "/v1/strommar":
            return None
        try:
            return self._asked(call)[0]
        except FelError:
            return None

    def refuse(self, status: int, *, retry_after: int | None = None) -> Answer:
        """Return its own way of failing with *status*."""
        headers = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
        word, text = _FAILURES.get(status, ("STORNING", "Rådgivningsstödet är stört"))
        return fel(status, word, text, headers=headers).answer

    def missing(self, event: Event) -> list[str]:
        """Return the places in *event* that its code lists cannot write."""
        return self._codes.missing(event)

    def guide(self, base_url: str) -> list[tuple[str, str]]:
        """Return the first calls to try, as curl commands."""
        key = credentials(self.name, base_url.rstrip("/").split("/")[-2]).client_secret
        header = f"-H 'Authorization: Bearer {key}'"
        asked = '{"person": {"typ": "PNR", "nummer": "ÅÅÅÅMMDD-NNNN"}}'
        return [
            (
                "Läs en persons samtal / read a person's calls",
                f"curl -sN {header} -d '{asked}' {base_url}/v1/strommar",
            ),
            ("Läs en kodlista / read a code list", f"curl -s {header} {base_url}/v1/kodverk/rubriker"),
            (
                "Läs ändringsflödet / read the change feed",
                f"curl -s {header} {base_url}/v1/andringar?efter=0",
            ),
        ]

    def _route(self, call: Call) -> Answer:
        path = call.path
        self._check_key(call)
        if path == "/v1/strommar":
            return self._stream(_only(call, "POST"))
        if path.startswith(_CODES):
            chunks = self._code_answers.get(path[len(_CODES) :])
            if chunks is not None:
                _only(call, "GET")
                return Answer(200, content_type=CONTENT_TYPE, chunks=chunks)
        elif path == "/v1/andringar":
            return self._changes(_only(call, "GET"))
        elif path.startswith(_RECORDINGS):
            raise fel(403, "INSPELNING_LAMNAS_INTE_UT", "Inspelningar hämtas inte av andra system")
        raise fel(404, "OKAND_RESURS", "Rådgivningsstödet har ingen sådan resurs")

    def _check_key(self, call: Call) -> None:
        known = credentials(self.name, call.state.name)
        scheme, _, key = call.authorization.partition(" ")
        if scheme.lower() != "bearer" or not compare_digest(key.encode(), known.client_secret.encode()):
            headers = (("WWW-Authenticate", "Bearer"),)
            raise fel(401, "FEL_NYCKEL", "Nyckeln saknas eller gäller inte här", headers=headers)
        call.consumer = known.client_id

    def _asked(self, call: Call) -> tuple[Identity, frozenset[str]]:
        try:
            wanted = orjson.loads(call.body)
        except orjson.JSONDecodeError:
            raise fel(400, "OGILTIG_JSON", "Anropets innehåll är inte JSON") from None
        if not isinstance(wanted, dict) or not {"person"} <= wanted.keys() <= {"person", "delar"}:
            raise fel(400, "OGILTIG_JSON", "Ange person, och delar om inte allt önskas")
        parts = wanted.get("delar", sorted(PARTS))
        if (
            not isinstance(parts, list)
            or not parts
            or not all(isinstance(part, str) and part in PARTS for part in parts)
        ):
            raise fel(400, "OGILTIGA_DELAR", f"delar är en lista av: {', '.join(sorted(PARTS))}")
        try:
            return read_identity(wanted["person"]), frozenset(parts)
        except InvalidNumberError:
            raise fel(422, "OGILTIGT_NUMMER", "Numret är inte skrivet som här skrivs") from None

    def _stream(self, call: Call) -> Answer:
        identity, parts = self._asked(call)
        call.patient = identity
        now = call.state.now(call.real_us)
        person = self._records.person(identity, at=now)
        if person is None or self.name not in person.systems:
            # A person who never called is no error here: the stream has a beginning and an end, and no more.
            return self._send(call, [{"typ": "person", "person": write_number(identity), "lankade": []}])
        others = [other for other in (person.identity, *person.linked) if other != identity]
        head: Line = {
            "typ": "person",
            "person": write_number(identity),
            "lankade": [write_identity(other) for other in others],
        }
        lines = [head, *self._lines(call, identity, parts)]
        spoil(call, lines)
        if call.fault("foreign-entry"):
            lines.append(self._foreign(call, {person.identity, *person.linked}, parts))
        return self._send(call, lines)

    def _lines(self, call: Call, identity: Identity, parts: frozenset[str]) -> list[Line]:
        now = call.state.now(call.real_us)

        def events(type_name: str) -> list[Event]:
            return self._records.events(call.state, identity, type_name, system=self.name, until=now)

        # Who called stands in the note, and where a recording lies with the call: both kinds are always needed
        # but when notes alone are asked for.
        contacts = events(CONTACTS) if parts != {"anteckningar"} else []
        notes = events(NOTES) if parts & {"samtal", "anteckningar"} else []
        return list(
            record_lines(
                self._renderer,
                write_number(identity),
                contacts=contacts,
                notes=notes,
                parts=parts,
                born=getattr(self._records.person(identity, at=now), "birth_date", None),
            )
        )

    def _foreign(self, call: Call, mine: set[Identity], parts: frozenset[str]) -> Line:
        """Return a line about somebody else: the first persona, in order of name, who is not this person."""
        for _, persona in sorted(self._records.population.personas().items()):
            if persona.identity in mine:
                continue
            for line in self._lines(call, persona.identity, parts):
                if line["typ"] in {"samtal", "anteckning"}:
                    return line
        raise fel(500, "INGEN_ANNAN", "Ingen annan person har något sådant")

    def _send(self, call: Call, lines: list[Line]) -> Answer:
        sent = written(lines)
        end = _end(len(lines))
        if spoil_end(call, sent, end):
            sent += written([end])
        headers = (("Cache-Control", "no-store"),)
        return Answer(200, headers=headers, content_type=CONTENT_TYPE, chunks=pieces(sent))

    def _changes(self, call: Call) -> Answer:
        after, at_most = _feed_query(call.query)
        page = self._records.feed.read(
            call.state,
            system=self.name,
            types=self.types,
            now=call.state.now(call.real_us),
            after=after,
            at_most=at_most,
        )
        told, latest = retold(call, page.changes, after=after, latest=page.latest)
        lines: list[Line] = [
            {
                "typ": "andring",
                "lopnr": change.number,
                "person": write_identity(change.person),
                "vad": WORDS[change.type],
                "id": change.event_id,
                "handelse": change.kind,
                "tid": milliseconds(change.time, change.event_id),
            }
            for change in told
        ]
        sent = written([*lines, {**_end(len(lines)), "senaste": latest}])
        return Answer(200, content_type=CONTENT_TYPE, chunks=pieces(sent))


def create_system(records: Records, *, secret: bytes, region: Region, name: str = "radgivning") -> Radgivning:
    """Return the region's Rådgivningsstödet, or the installation of it called *name*."""
    return Radgivning(records, secret=secret, region=region, name=name)


def _end(count: int) -> Line:
    return {"typ": "slut", "antal": count}


def _feed_query(text: str) -> tuple[int, int]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20) if text else []
    except ValueError:
        raise fel(400, "OGILTIG_PARAMETER", "Parametrarna kan inte läsas") from None
    given: Mapping[str, Any] = dict(pairs)
    if len(given) < len(pairs) or not given.keys() <= {"efter", "antal"}:
        raise fel(400, "OGILTIG_PARAMETER", "Tillåtna parametrar, högst en gång var: efter, antal")
    numbers = [given.get("efter", "0"), given.get("antal", "100")]
    if not all(text.isascii() and text.isdigit() and len(text) <= _DIGITS for text in numbers):
        raise fel(400, "OGILTIG_PARAMETER", "efter och antal ska vara heltal")
    after, at_most = map(int, numbers)
    if not 1 <= at_most <= _MOST_CHANGES:
        raise fel(400, "OGILTIG_PARAMETER", f"antal ska vara 1-{_MOST_CHANGES}")
    return after, at_most


def _only(call: Call, method: str) -> Call:
    if call.method != method and not (method == "GET" and call.method == "HEAD"):
        raise fel(405, "FEL_METOD", "Resursen har inte den metoden", headers=(("Allow", method),))
    return call
