"""Vaxreg's services: which operations there are, and what each answers, over the registrations of one region."""

from __future__ import annotations

from functools import lru_cache
from hmac import compare_digest
from importlib import resources
from typing import TYPE_CHECKING, Final

from anslut_simulators.calls import Answer, Call
from anslut_simulators.credentials import credentials
from anslut_simulators.tokens import LIFE_SECONDS, Tokens
from anslut_simulators.vaxreg.codes import Codes
from anslut_simulators.vaxreg.disorder import FAULTS, disordered, disordered_changes, with_doctype
from anslut_simulators.vaxreg.numbers import InvalidNumberError, read_number, write_number
from anslut_simulators.vaxreg.render import Renderer, local_time, running_number
from anslut_simulators.vaxreg.soap import (
    CONTENT_TYPE,
    NAMESPACE,
    FaultError,
    Request,
    escape,
    fault,
    read_request,
    reply,
)

if TYPE_CHECKING:
    from anslut_simulators.country import Region
    from anslut_simulators.overlay import Records
    from anslut_simulators.truth import Event, Identity, Reason

TYPE: Final = "vaccinations"
_MOST_ROWS: Final = 20
_MOST_CHANGES: Final = 200
_HIGHEST: Final = 1 << 62
_PATH: Final = "/tjanster/"
_KINDS: Final = {
    "skapad": "NY",
    "andrad": "ANDRAD",
    "undantagen": "ANDRAD",
    "signerad": "SIGNERAD",
    "borttagen": "GALLRAD",
    "flyttad_harifran": "FLYTTAD_FRAN",
    "flyttad_hit": "FLYTTAD_TILL",
    "lankad": "KOPPLAD",
}
_FAILURES: Final = {
    401: ("Client.Session", "Sessionen gäller inte, eller inte längre"),
    413: ("Client.ForStort", "Anropet är för stort"),
    429: ("Server.ForMangaAnrop", "För många anrop"),
    503: ("Server.Stangt", "Vaxreg är tillfälligt stängt"),
    504: ("Server.Tidsgrans", "Vaxreg hann inte svara"),
}


class Vaxreg:
    """The vaccination register of one region, for all scenarios."""

    name = "vaxreg"
    types: tuple[str, ...] = (TYPE,)
    faults = FAULTS

    def __init__(self, records: Records, *, secret: bytes, region: Region) -> None:
        self._records = records
        self._codes = Codes(region)
        self._renderer = Renderer(self._codes)
        self._tokens = Tokens(secret)
        self._operations = {
            ("inloggning", "LoggaIn"): self._log_in,
            ("vaccinationer", "SokVaccinationer"): self._search,
            ("katalog", "HamtaVaccinkatalog"): self._catalogue,
            ("handelser", "HamtaHandelser"): self._changes,
        }

    def answer(self, call: Call) -> Answer:
        """Answer one call in Vaxreg's own words."""
        try:
            return with_doctype(call, self._route(call))
        except FaultError as error:
            return error.answer

    def keyword(self, reason: Reason) -> str:
        """Return a word for *reason*; Vaxreg has no keywords, so no text ever stands under it."""
        return f"Skyddad uppgift ({reason})"

    def identify(self, call: Call) -> Identity | None:
        """Return whose vaccinations the call asks for."""
        if call.path != f"{_PATH}vaccinationer" or call.method != "POST":
            return None
        try:
            return _number(read_request(call.body, call.content_type))
        except FaultError:
            return None

    def refuse(self, status: int, *, retry_after: int | None = None) -> Answer:
        """Return a SOAP fault with *status*."""
        headers = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
        code, text = _FAILURES.get(status, ("Server.Fel", "Vaxreg gick sönder"))
        return fault(code, text, status=status, headers=headers).answer

    def missing(self, event: Event) -> list[str]:
        """Return the places in *event* that Vaxreg cannot write."""
        return self._codes.missing(event)

    def guide(self, base_url: str) -> list[tuple[str, str]]:
        """Return the first calls to try, as curl commands."""
        login = credentials(self.name, base_url.rstrip("/").split("/")[-2])
        asked = (
            f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><LoggaIn xmlns="{NAMESPACE}">'
            f"<anvandare>{login.client_id}</anvandare><losenord>{login.client_secret}</losenord>"
            "</LoggaIn></e:Body></e:Envelope>"
        )
        return [
            ("Läs tjänstebeskrivningen / read the WSDL", f"curl -s '{base_url}/tjanster/vaccinationer?wsdl'"),
            (
                "Logga in / log in",
                f"curl -s -H 'Content-Type: text/xml' -d '{asked}' {base_url}/tjanster/inloggning",
            ),
        ]

    def _route(self, call: Call) -> Answer:
        service = call.path.removeprefix(_PATH)
        if not call.path.startswith(_PATH) or service not in {one for one, _ in self._operations}:
            raise fault("Client.Tjanst", "Vaxreg har ingen sådan tjänst", status=404)
        if call.method in {"GET", "HEAD"}:
            if call.query.lower() != "wsdl":
                raise fault(
                    "Client.Metod",
                    "Tjänsten anropas med POST; ?wsdl beskriver den",
                    status=405,
                    headers=(("Allow", "POST"),),
                )
            return Answer(200, _description(), content_type=CONTENT_TYPE)
        if call.method != "POST":
            raise fault(
                "Client.Metod", "Tjänsten anropas med POST", status=405, headers=(("Allow", "GET, POST"),)
            )
        if call.query:
            raise fault("Client.Parameter", "Parametrar anges i kuvertet, aldrig i adressen")
        if call.content_type.partition(";")[0].strip().lower() != "text/xml":
            raise fault("Client.Innehallstyp", "Anropets innehållstyp ska vara text/xml", status=415)
        if service != "inloggning":
            self._check_session(call)
        request = read_request(call.body, call.content_type)
        operation = self._operations.get((service, request.name))
        if operation is None:
            raise fault("Client.Operation", "Tjänsten har ingen sådan operation")
        return operation(call, request)

    def _check_session(self, call: Call) -> None:
        scheme, _, token = call.authorization.partition(" ")
        if scheme.lower() != "bearer" or not self._tokens.is_valid(token, call.state, real_us=call.clock_us):
            headers = (("WWW-Authenticate", 'Bearer realm="Vaxreg"'),)
            raise fault(*_FAILURES[401], status=401, headers=headers)
        call.consumer = f"{self.name}-{call.state.name}"

    def _log_in(self, call: Call, request: Request) -> Answer:
        given = _only(request, "anvandare", "losenord")
        known = credentials(self.name, call.state.name)
        if not (
            compare_digest(given.get("anvandare", "").encode(), known.client_id.encode())
            and compare_digest(given.get("losenord", "").encode(), known.client_secret.encode())
        ):
            raise fault("Client.Inloggning", "Fel användare eller lösenord", status=401)
        call.consumer = known.client_id
        key = self._tokens.issue(call.state, known.client_id, real_us=call.clock_us)
        return reply(
            f'<LoggaInSvar xmlns="{NAMESPACE}"><sessionsnyckel>{key}</sessionsnyckel>'
            f"<giltigSekunder>{LIFE_SECONDS}</giltigSekunder></LoggaInSvar>"
        )

    def _search(self, call: Call, request: Request) -> Answer:
        given = _only(request, "personnummer", "franLopnr", "antal")
        identity = _number(request)
        call.patient = identity
        first = _integer(given.get("franLopnr", "0"), "franLopnr", highest=_HIGHEST)
        most = _integer(given.get("antal", str(_MOST_ROWS)), "antal", lowest=1, highest=_MOST_ROWS)
        if first and call.fault("stale-cursor"):
            raise fault("Client.Lopnr", "franLopnr gäller inte längre; börja om")
        if call.fault("polite-failure"):
            return _found("9", "Tekniskt fel, försök igen senare")
        now = call.state.now(call.real_us)
        person = self._records.person(identity, at=now)
        if person is None or self.name not in person.systems:
            return _found("1", "Personen finns inte i registret")
        events = self._records.events(call.state, identity, TYPE, system=self.name, until=now)
        numbered = sorted(
            (running_number(event), event.id, event) for event in events if event.state != "removed"
        )
        wanted = [row for row in numbered if row[0] >= first]
        endless = call.fault("endless-pages")
        if endless and not wanted:
            wanted = numbered
        page, rest = wanted[:most], wanted[most:]
        rows = [self._renderer.registration(event, number) for number, _, event in page]
        rows = disordered(call, rows, now=now)
        if call.fault("foreign-entry"):
            rows.append(self._foreign(call, identity))
        following = rest[0][0] if rest else None
        if endless and following is None:
            following = max(first, page[-1][0] if page else 0) + 1
        others = [other for other in (person.identity, *person.linked) if other != identity]
        return _found("0", "OK", identity=identity, others=others, rows=rows, following=following)

    def _foreign(self, call: Call, identity: Identity) -> str:
        """Return a registration of somebody else: the first persona, in order of name, who is not this person."""
        now = call.state.now(call.real_us)
        own = self._records.person(identity)
        mine = {identity} if own is None else {own.identity, *own.linked}
        for _, persona in sorted(self._records.population.personas().items()):
            if persona.identity in mine:
                continue
            events = self._records.events(call.state, persona.identity, TYPE, system=self.name, until=now)
            for event in sorted(events, key=running_number):
                if event.state == "entered":
                    return self._renderer.registration(event, running_number(event))
        raise fault("Server.Fel", "Ingen annan person har någon registrering")

    def _catalogue(self, call: Call, request: Request) -> Answer:
        _only(request)
        rows = self._codes.catalogue(wrong=call.fault("wrong-code-system") is not None)
        return reply(
            f'<HamtaVaccinkatalogSvar xmlns="{NAMESPACE}">'
            f"<svar><kod>0</kod><text>OK</text></svar>{rows}</HamtaVaccinkatalogSvar>"
        )

    def _changes(self, call: Call, request: Request) -> Answer:
        given = _only(request, "efter", "antal")
        after = _integer(given.get("efter", "0"), "efter", highest=_HIGHEST)
        most = _integer(given.get("antal", str(_MOST_CHANGES)), "antal", lowest=1, highest=_MOST_CHANGES)
        now = call.state.now(call.real_us)
        page = self._records.feed.read(
            call.state, system=self.name, types=self.types, now=now, after=after, at_most=most
        )
        told = disordered_changes(call, page.changes, now=now)
        latest = page.latest if len(told) >= len(page.changes) else (told[-1].number if told else after)
        rows = "".join(
            f'<handelse lopnr="{change.number}" typ="{_KINDS.get(change.kind, "ANDRAD")}" '
            f'tid="{local_time(change.time)}" registrering="{escape(change.event_id)}">'
            f"<personnummer>{write_number(change.person)}</personnummer></handelse>"
            for change in told
        )
        return reply(
            f'<HamtaHandelserSvar xmlns="{NAMESPACE}"><svar><kod>0</kod><text>OK</text></svar>'
            f"{rows}<senaste>{latest}</senaste></HamtaHandelserSvar>"
        )


def create_system(records: Records, *, secret: bytes, region: Region) -> Vaxreg:
    """Return the region's Vaxreg."""
    return Vaxreg(records, secret=secret, region=region)


@lru_cache(maxsize=1)
def _description() -> bytes:
    return resources.files(__package__).joinpath("vaxreg.wsdl").read_bytes()


def _found(  # noqa: PLR0913 - an answer's parts
    code: str,
    text: str,
    *,
    identity: Identity | None = None,
    others: list[Identity] | None = None,
    rows: list[str] | None = None,
    following: int | None = None,
) -> Answer:
    number = f"<personnummer>{write_number(identity)}</personnummer>" if identity is not None else ""
    linked = "".join(f"<kopplat>{write_number(other)}</kopplat>" for other in others or ())
    more = "" if following is None else f"<nastaLopnr>{following}</nastaLopnr>"
    return reply(
        f'<SokVaccinationerSvar xmlns="{NAMESPACE}"><svar><kod>{code}</kod><text>{text}</text></svar>'
        f"{number}{linked}{''.join(rows or ())}{more}</SokVaccinationerSvar>"
    )


def _only(request: Request, *names: str) -> dict[str, str]:
    if not request.fields.keys() <= set(names):
        raise fault("Client.Parameter", f"Tillåtna parametrar: {', '.join(names) or 'inga'}")
    return dict(request.fields)


def _number(request: Request) -> Identity:
    try:
        return read_number(request.fields.get("personnummer", ""))
    except InvalidNumberError:
        raise fault("Client.Personnummer", "Numret är inte skrivet som Vaxreg skriver det") from None


def _integer(text: str, name: str, *, lowest: int = 0, highest: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and lowest <= int(text) <= highest):  # noqa: PLR2004 - digits of the highest
        raise fault("Client.Parameter", f"{name} ska vara ett heltal, {lowest}-{highest}")
    return int(text)
