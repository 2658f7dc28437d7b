"""Truth in Vaxreg's dialect: Swedish words, local codes, Swedish dates, decimal comma. A connector undoes just this."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from anslut_simulators.scenario import STOCKHOLM
from anslut_simulators.truth.vaccinations import Vaccination
from anslut_simulators.vaxreg.numbers import write_number
from anslut_simulators.vaxreg.soap import escape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from anslut_simulators.truth import Actor, Event
    from anslut_simulators.truth.vaccinations import Dose, Staff
    from anslut_simulators.vaxreg.codes import Codes

_YES_NO: Final = {True: "J", False: "N"}
_SPREAD: Final = 1_000_000
_SINCE: Final = 946_684_800
"""Vaxreg counts from the beginning of the year 2000."""


def running_number(event: Event) -> int:
    """Return a registration's running number (löpnummer): larger for what was registered later, never reused."""
    first = event.revisions[0] if event.revisions else event.author.time
    tail = int.from_bytes(blake2b(event.id.encode(), digest_size=4).digest(), "big") % _SPREAD
    return (int(first.timestamp()) - _SINCE) * _SPREAD + tail


def local_time(instant: datetime) -> str:
    """Return *instant* as people write it, on a Swedish wall clock: `2023-03-04 kl. 09.50.00`."""
    if instant.tzinfo is not STOCKHOLM:
        instant = instant.astimezone(STOCKHOLM)
    text = str(instant.replace(tzinfo=None))
    return f"{text[:10]} kl. {text[11:13]}.{text[14:16]}.{text[17:19]}"


class Renderer:
    """Writes registrations as the Vaxreg of one region."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes

    def registration(self, event: Event, number: int) -> str:
        """Return *event*, whose running number is *number*, as XML."""
        said = event.holding(Vaccination)
        when = local_time(event.occurred_at)
        status = "M" if said.status == "nullified" else "P" if event.state == "draft" else "R"
        programme = None if said.programme is None else self._codes.local("program", said.programme)
        parts = [
            f'<registrering id="{escape(event.id)}" lopnr="{number}" status="{status}">',
            f"<personnummer>{write_number(event.patient)}</personnummer>",
            f"<datum>{when[:4]}{when[5:7]}{when[8:10]}</datum>",
            _element("klockslag", when[15:] if said.time_known else None),
            f"<enhet>{self._codes.unit(event.unit.hsa_id)}</enhet>",
            _element("program", programme),
            f"<ursprung>{'I' if said.origin == 'imported' else 'E'}</ursprung>",
            _element("kalla", said.source),
        ]
        parts.extend(
            f"<riskgrupp>{self._codes.local('riskgrupper', one)}</riskgrupp>" for one in said.risk_groups
        )
        parts.append(_element("fritext", said.note))
        if said.prescribed_by is not None:
            parts.append(f"<ordinator{_who(said.prescribed_by)}/>")
        parts.extend(self._dose(dose) for dose in said.doses)
        parts.extend(self._acts(event, said))
        parts.append("</registrering>")
        return "".join(parts)

    def _dose(self, dose: Dose) -> str:
        amount = dose.amount.replace(".", ",") if dose.amount is not None else None
        adverse = "".join(
            f"<biverkning>{escape(one.display_name or one.original_text or '')}</biverkning>"
            for one in dose.adverse
        )
        return (
            f'<dos ref="{escape(dose.id)}"'
            f"{_attribute('nr', dose.number)}{_attribute('av', dose.of)}"
            f"{_attribute('klar', None if dose.complete is None else _YES_NO[dose.complete])}>"
            f"<vaccin>{self._codes.vaccine(dose)}</vaccin>"
            f"{_element('batch', dose.batch)}{_element('mangd', amount)}{_element('matt', dose.unit)}"
            f"{_element('plats', self._codes.local('platser', dose.site) if dose.site else None)}"
            f"{_element('satt', self._codes.local('satt', dose.route) if dose.route else None)}"
            f"{f'<givare{_who(dose.given_by)}/>' if dose.given_by is not None else ''}"
            f"{adverse}{_element('kommentar', dose.comment)}</dos>"
        )

    def _acts(self, event: Event, said: Vaccination) -> Iterator[str]:
        times = [*event.revisions, event.author.time]
        nullified = said.status == "nullified"
        for place, time in enumerate(times):
            last = place == len(times) - 1
            kind = "registrerad" if place == 0 else "makulerad" if nullified and last else "andrad"
            yield self._act(kind, event.author, time, said.nullified_reason if kind == "makulerad" else None)
        if nullified and len(times) == 1:
            yield self._act("makulerad", event.author, event.author.time, said.nullified_reason)
        if event.signature is not None:
            yield self._act("signerad", event.signature, event.signature.time)

    def _act(self, kind: str, actor: Actor, time: datetime, reason: str | None = None) -> str:
        role = self._codes.role(actor.role)
        more = f' befattning="{role}"' if role is not None else ""
        if reason is not None:
            more += f' orsak="{escape(reason)}"'
        return f'<handling typ="{kind}" tid="{local_time(time)}"{_who(actor)}{more}/>'


def _element(tag: str, text: str | None) -> str:
    return "" if text is None else f"<{tag}>{escape(text)}</{tag}>"


def _attribute(name: str, value: object) -> str:
    return "" if value is None else f' {name}="{value}"'


def _who(person: Actor | Staff) -> str:
    hsa_id = f' hsaid="{escape(person.hsa_id)}"' if person.hsa_id is not None else ""
    return hsa_id + (f' namn="{escape(person.name)}"' if person.name is not None else "")
