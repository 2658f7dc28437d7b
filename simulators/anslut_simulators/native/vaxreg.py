"""Vaxreg: SOAP 1.1 in ISO-8859-1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from lxml import etree

from anslut_simulators.native.door import Door, Native
from anslut_simulators.population.identities import NATIONAL_RESERVE_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.truth import Identity

_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_OWN: Final = "urn:vaxreg:tjanster:7"


def person(door: Door, identity: Identity) -> Iterator[Native]:
    """Yield every page of registrations."""
    _log_in(door)
    number = identity.extension
    written = number if identity.root == NATIONAL_RESERVE_ID else f"{number[:8]}-{number[8:]}"
    first: str | None = "0"
    while first is not None:
        answer = _ask(door, "vaccinationer", "SokVaccinationer", personnummer=written, franLopnr=first)
        yield answer
        first = _root(answer).findtext(".//{*}nastaLopnr")


def rest(door: Door) -> Iterator[Native]:
    """Yield the catalogue and the change feed."""
    _log_in(door)
    yield _ask(door, "katalog", "HamtaVaccinkatalog")
    after, latest = 0, 1
    while after < latest:
        answer = _ask(door, "handelser", "HamtaHandelser", efter=str(after), antal="200")
        yield answer
        root = _root(answer)
        latest = int(root.findtext(".//{*}senaste") or 0)
        after = max((int(one.get("lopnr", "0")) for one in root.iterfind(".//{*}handelse")), default=latest)


def _log_in(door: Door) -> None:
    answer = _ask(door, "inloggning", "LoggaIn", anvandare=door.client_id, losenord=door.client_secret)
    door.trust(_root(answer).findtext(".//{*}sessionsnyckel") or "")


def _ask(door: Door, service: str, operation: str, **fields: str) -> Native:
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    body = f'<{operation} xmlns="{_OWN}">{inner}</{operation}>'
    asked = f'<e:Envelope xmlns:e="{_SOAP}"><e:Body>{body}</e:Body></e:Envelope>'
    answer = door.call(
        "POST", f"/tjanster/{service}", data=asked.encode(), headers={"Content-Type": "text/xml"}
    )
    return Native(what=f"{operation} (/tjanster/{service})", form="xml", body=answer.content)


def _root(answer: Native) -> etree._Element:
    return etree.fromstring(answer.body, etree.XMLParser(resolve_entities=False, no_network=True))
