"""Vaxreg's local codes, and the catalogue that says what they stand for."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import msgspec
from anslut_contracts import code_list

from anslut_simulators.histories.vaccinations_codes import vaccines
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth.vaccinations import ATC, SNOMED_CT_SE, Dose, Vaccination
from anslut_simulators.vaxreg.soap import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.country import CareUnit, Region
    from anslut_simulators.histories.vaccinations_codes import Vaccine
    from anslut_simulators.truth import Code, Event

_FOLDER: Final = resources.files(__package__)
_WRITABLE: Final = re.compile(r"[\t\n\r\x20-\x7e\xa0-\xff]*\Z")
_ROLES: Final = "1.2.752.129.2.2.1.4"


class Codes:
    """The codes of one region's Vaxreg, both ways."""

    def __init__(self, region: Region) -> None:
        lists: dict[str, Any] = msgspec.json.decode(_FOLDER.joinpath("codes.json").read_bytes())
        self._lists = lists
        self._region = region
        self._local = {
            name: {text: code for code, text in lists[name].items()}
            for name in ("platser", "satt", "program", "riskgrupper")
        }
        self._units = {unit.hsa_id: f"{100 + place}" for place, unit in enumerate(region.units, start=1)}
        self._vaccines: dict[tuple[str | None, str | None], tuple[str, Vaccine]] = {}
        for key, local in lists["vacciner"].items():
            vaccine = vaccines()[key]
            self._vaccines[vaccine.name, vaccine.kind.code] = (local, vaccine)
        roles = read_table("roles.json")["roles"].values()
        self._roles: dict[str, str] = {}
        for role in roles:
            self._roles.setdefault(role["text"], f"B{role['id']:02}")

    def local(self, name: str, code: Code) -> str | None:
        """Return the local code of *code* in the list *name*, or None when the list lacks it."""
        return self._local[name].get(code.display_name or code.original_text or "")

    def vaccine(self, dose: Dose) -> str | None:
        """Return the local code of what was given, or None when the catalogue lacks it."""
        found = self._vaccines.get((dose.product, dose.vaccine.code))
        return None if found is None else found[0]

    def unit(self, hsa_id: str) -> str | None:
        """Return the local code of the unit with *hsa_id*, or None when the region lacks it."""
        return self._units.get(hsa_id)

    def role(self, code: Code | None) -> str | None:
        """Return the local code of a member of staff's role, or None when there is none."""
        return None if code is None else self._roles.get(code.display_name or code.original_text or "")

    def missing(self, event: Event) -> list[str]:
        """Return the places in *event* that Vaxreg cannot write: unknown codes, and text beyond ISO-8859-1."""
        return sorted({place for place, lacks in self._doubts(event) if lacks})

    def _doubts(self, event: Event) -> Iterator[tuple[str, bool]]:
        yield "unit", self.unit(event.unit.hsa_id) is None
        for name, actor in (("author", event.author), ("signature", event.signature)):
            if actor is not None:
                yield f"{name}.role", actor.role is not None and self.role(actor.role) is None
                yield f"{name}.name", _is_beyond(actor.name)
                yield f"{name}.hsa_id", _is_beyond(actor.hsa_id)
        said = event.content
        if not isinstance(said, Vaccination):
            yield "type", True
            return
        yield "content.programme", said.programme is not None and not self.local("program", said.programme)
        yield "content.risk_groups", not all(self.local("riskgrupper", one) for one in said.risk_groups)
        for name in ("note", "source", "nullified_reason"):
            yield f"content.{name}", _is_beyond(getattr(said, name))
        prescriber = said.prescribed_by
        yield "content.prescribed_by", prescriber is not None and _is_beyond(prescriber.name)
        yield "content.note", said.note is None and not said.doses
        for dose in said.doses:
            yield from self._dose_doubts(dose)

    def _dose_doubts(self, dose: Dose) -> Iterator[tuple[str, bool]]:
        found = self._vaccines.get((dose.product, dose.vaccine.code))
        same = found is not None and (
            (found[1].manufacturer, found[1].diseases, found[1].kind)
            == (dose.manufacturer, dose.diseases, dose.vaccine)
        )
        yield "content.doses.vaccine", not same
        yield "content.doses.site", dose.site is not None and not self.local("platser", dose.site)
        yield "content.doses.route", dose.route is not None and not self.local("satt", dose.route)
        giver = dose.given_by.name if dose.given_by is not None else None
        texts = (dose.id, dose.batch, dose.comment, dose.unit, dose.amount, giver)
        yield "content.doses", any(_is_beyond(text) for text in texts)
        yield "content.doses.adverse", any(_is_beyond(one.original_text) for one in dose.adverse)

    def catalogue(self, *, wrong: bool = False) -> str:
        """Return the catalogue as XML; *wrong* names other code systems than the codes' own."""
        atc, snomed = (SNOMED_CT_SE, ATC) if wrong else (ATC, SNOMED_CT_SE)
        rows = [self._vaccine_row(local, one, atc, snomed) for local, one in self._vaccines.values()]
        rows += [
            _row("enhet", self._units[unit.hsa_id], unit.sv, _unit_more(unit)) for unit in self._region.units
        ]
        for tag, name, national in (
            ("plats", "platser", "vaccination-anatomical-sites"),
            ("satt", "satt", "vaccination-routes"),
        ):
            known = {text: code for code, text in code_list(national).texts.items()}
            rows += [
                _row(tag, local, text, f' kodverk="{snomed}" nationell="{known[text]}"')
                for local, text in self._lists[name].items()
            ]
        for tag, name in (("program", "program"), ("riskgrupp", "riskgrupper")):
            rows += [_row(tag, local, text) for local, text in self._lists[name].items()]
        rows += [_role_row(self._roles[role["text"]], role) for role in _distinct_roles()]
        about = self._lists["system"]
        system = "".join(f' {name}="{escape(text)}"' for name, text in about.items())
        return f"<system{system}/>{''.join(rows)}"

    def _vaccine_row(self, local: str, vaccine: Vaccine, atc: str, snomed: str) -> str:
        more = f' kodverk="{atc}" nationell="{vaccine.kind.code}"'
        if vaccine.name is not None:
            more += f' produkt="{escape(vaccine.name)}" tillverkare="{escape(vaccine.manufacturer or "")}"'
        diseases = "".join(
            f'<sjukdom kodverk="{snomed}" nationell="{one.code}">{escape(one.display_name or "")}</sjukdom>'
            for one in vaccine.diseases
        )
        return f'<vaccin kod="{local}"{more}><namn>{escape(vaccine.kind.display_name or "")}</namn>{diseases}</vaccin>'


def _row(tag: str, local: str, text: str, more: str = "") -> str:
    return f'<{tag} kod="{escape(local)}"{more}>{escape(text)}</{tag}>'


def _unit_more(unit: CareUnit) -> str:
    return f' hsaid="{escape(unit.hsa_id)}" vardgivare="{escape(unit.care_provider)}"'


def _distinct_roles() -> list[dict[str, Any]]:
    return list(
        {role["text"]: role for role in reversed(list(read_table("roles.json")["roles"].values()))}.values()
    )


def _role_row(local: str, role: dict[str, Any]) -> str:
    more = f' kodverk="{_ROLES}" nationell="{role["code"]}"' if "code" in role else ""
    return _row("befattning", local, role["text"], more)


def _is_beyond(text: str | None) -> bool:
    """Tell whether ISO-8859-1, as Vaxreg writes it, lacks anything in *text*."""
    return text is not None and _WRITABLE.match(text) is None
