"""Truth in Natal's dialect: FHIR R4 resources that refer to one another. A connector has to undo exactly this."""

from __future__ import annotations

from datetime import UTC
from html import escape
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.natal import sheets
from anslut_simulators.natal.words import (
    ACT,
    CONFIDENTIALITY,
    EXEMPT,
    HSA_ID,
    ICD_10_SE,
    keywords,
    sheet_code,
    words,
)
from anslut_simulators.truth.maternity_records import MaternityRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping
    from datetime import datetime

    from anslut_simulators.truth import Actor, Atom, Code, Event, Identity
    from anslut_simulators.truth.maternity_records import After, Newborn, Registration

    Resource = dict[str, Any]
    Seal = Callable[[Identity], str]

_XHTML: Final = "http://www.w3.org/1999/xhtml"
_STATUS: Final = {"draft": "preliminary", "entered": "final", "removed": "entered-in-error"}
_ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_WRONG: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
TYPES: Final = {"Composition": "care-documentation", "Observation": "maternity-records"}
NAMES: Final = {type_name: name for name, type_name in TYPES.items()}


def instant(time: datetime) -> str:
    """Return *time* in UTC, as Natal writes every moment: `2023-03-04T08:50:00Z`."""
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


class Renderer:
    """Writes events as the Natal of one region; *organisations* are its units by HSA-id, *wards* those with beds."""

    def __init__(self, organisations: Mapping[str, Resource], *, wards: Container[str] = ()) -> None:
        self._organisations = organisations
        self._wards = wards

    def resources(self, event: Event, seal: Seal, *, ends: Mapping[str, Event]) -> list[Resource]:
        """Return everything that *event* is in Natal: the document first, its acts (Provenance) last.

        *seal* gives the id of the Patient resource of an identity, *ends* the entry that tells of a pregnancy's end.
        """
        about = {"reference": f"Patient/{seal(event.patient)}"}
        if event.type == "care-documentation":
            found = [self._composition(event, about)]
        else:
            found = list(self._sheet(event, about, seal, ends))
        found.append(self._encounter(event, about))
        found += _acts(event, f"{NAMES[event.type]}/{event.id}")
        for resource in found:
            resource["meta"] = {"lastUpdated": _updated(event), **resource.get("meta", {})}
        return found

    def _unit(self, event: Event) -> Resource:
        known = self._organisations.get(event.unit.hsa_id)
        return {
            "reference": f"Organization/{known['id'] if known else 'OKAND'}",
            "display": event.unit.name,
        }

    def _encounter(self, event: Event, about: Resource) -> Resource:
        said = event.content
        encounter: Resource = {
            "resourceType": "Encounter",
            "id": _encounter_id(event),
            "status": "entered-in-error" if event.state == "removed" else "finished",
            "class": self._class(event),
            "subject": about,
            "period": {"start": instant(event.occurred_at)},
            "serviceProvider": self._unit(event),
        }
        if event.care_contact_id is not None:
            encounter["identifier"] = [{"value": event.care_contact_id}]
        if isinstance(said, MaternityRecord):
            encounter["episodeOfCare"] = [{"reference": f"EpisodeOfCare/{said.pregnancy}"}]
        return encounter

    def _class(self, event: Event) -> Resource:
        """Return whether she came, was at the hospital, or neither."""
        kind = event.note_code.code if event.note_code is not None else None
        at_ward = event.unit.hsa_id in self._wards and kind != "bes"
        code = "VR" if kind == "auf" else "IMP" if at_ward else "AMB"
        return {"system": _ACT_CODE, "code": code, "display": words()["encounters"][code]}

    def _composition(self, event: Event, about: Resource) -> Resource:
        title = event.title or event.template or "Anteckning"
        note: Resource = {
            "resourceType": "Composition",
            "id": event.id,
            "meta": _marks(event),
            "status": _status(event),
            "type": _concept(event.note_code, text="Anteckning"),
            "subject": about,
            "encounter": {"reference": f"Encounter/{_encounter_id(event)}"},
            "date": instant(event.author.time),
            "author": [_who(event.author)],
            "title": title,
            "custodian": self._unit(event),
            "event": [{"period": {"start": instant(event.occurred_at)}}],
            "section": _sections(event.atoms),
        }
        if event.template is not None:
            note["category"] = [{"text": event.template}]
        return note

    def _sheet(
        self, event: Event, about: Resource, seal: Seal, ends: Mapping[str, Event]
    ) -> Iterator[Resource]:
        said = event.holding(MaternityRecord)
        sheet: Resource = {
            "resourceType": "Observation",
            "id": event.id,
            "meta": _marks(event, said.exempt),
            "status": _status(event),
            "subject": about,
            "encounter": {"reference": f"Encounter/{_encounter_id(event)}"},
            "effectiveDateTime": instant(event.occurred_at),
            "issued": instant(event.author.time),
            "performer": [_who(event.author), self._unit(event)],
        }
        beside: list[Resource] = []
        if said.registration is not None:
            sheet |= {
                "code": sheet_code("registration"),
                "component": list(sheets.registration(said.registration)),
            }
            for place, one in enumerate(said.registration.earlier, start=1):
                beside.append(_part(sheet, f"T{place}", "earlier", list(sheets.earlier(one))))
            yield from self._pregnancy(event, about, said.registration, ends.get(said.pregnancy))
        elif said.checkup is not None:
            sheet |= {"code": sheet_code("checkup"), "component": list(sheets.checkup(said.checkup))}
        elif said.after is not None:
            sheet |= {"code": sheet_code("after"), "component": list(sheets.after(said.after))}
            beside += [_child(sheet, child, seal) for child in said.after.children]
            yield from _procedure(event, said.after, sheet)
        if beside:
            sheet["hasMember"] = [{"reference": f"Observation/{one['id']}"} for one in beside]
        yield sheet
        yield from beside

    def _pregnancy(
        self, event: Event, about: Resource, said: Registration, end: Event | None
    ) -> Iterator[Resource]:
        """Yield what the pregnancy is: as exempt as its enrolment, and over when somebody has told how it ended."""
        record = event.holding(MaternityRecord)
        marks, updated = _marks(event, record.exempt), _updated(event)
        period = {"start": f"{event.occurred_at:%Y-%m-%d}"}
        after = None if end is None else end.holding(MaternityRecord).after
        if end is not None and after is not None:
            period["end"] = f"{max(child.born for child in after.children):%Y-%m-%d}"
            updated = max(updated, _updated(end))
        removed, over = event.state == "removed", "end" in period
        code, display = words()["pregnancies"]["high-risk" if said.standard_care is False else "normal"]
        yield {
            "resourceType": "EpisodeOfCare",
            "id": record.pregnancy,
            "meta": {"lastUpdated": updated, **marks},
            "status": "entered-in-error" if removed else "finished" if over else "active",
            "type": [{"text": "Graviditet"}],
            "diagnosis": [{"condition": {"reference": f"Condition/{record.pregnancy}"}}],
            "patient": about,
            "managingOrganization": self._unit(event),
            "period": period,
        }
        condition: Resource = {
            "resourceType": "Condition",
            "id": record.pregnancy,
            "meta": {"lastUpdated": updated, **marks},
            "code": {
                "coding": [{"system": ICD_10_SE, "code": code, "display": display}],
                "text": "Graviditet",
            },
            "subject": about,
            "recordedDate": period["start"],
        }
        if removed:
            condition["verificationStatus"] = {"coding": [{"system": _WRONG, "code": "entered-in-error"}]}
        else:
            status = "resolved" if over else "active"
            condition["clinicalStatus"] = {"coding": [{"system": _CLINICAL, "code": status}]}
        if over:
            condition["abatementDateTime"] = period["end"]
        yield condition


def _encounter_id(event: Event) -> str:
    return f"{event.id}-B"


def _part(sheet: Resource, suffix: str, kind: str, components: list[Resource]) -> Resource:
    """Return an Observation beside *sheet*, about the same and by the same."""
    kept = ("status", "subject", "encounter", "effectiveDateTime", "issued", "performer", "meta")
    return {
        "resourceType": "Observation",
        "id": f"{sheet['id']}-{suffix}",
        **{name: sheet[name] for name in kept},
        "code": sheet_code(kind),
        "component": components,
    }


def _child(sheet: Resource, child: Newborn, seal: Seal) -> Resource:
    """Return the Observation about a newborn: its subject is the child, in the mother's record."""
    about: Resource = {"type": "Patient", "display": f"Barn {child.ordinal}"}
    if child.identity is not None:
        about = {"reference": f"Patient/{seal(child.identity)}", "display": f"Barn {child.ordinal}"}
    return {
        **_part(sheet, f"B{child.ordinal}", "newborn", list(sheets.newborn(child))),
        "subject": about,
        "focus": [sheet["subject"]],
        "effectiveDateTime": instant(child.born),
    }


def _procedure(event: Event, said: After, sheet: Resource) -> Iterator[Resource]:
    """Yield the delivery, as exempt as the sheet that tells of it."""
    if said.delivery is not None:
        first = min(child.born for child in said.children)
        yield {
            "resourceType": "Procedure",
            "id": f"{event.id}-F",
            "meta": sheet["meta"],
            "status": "entered-in-error" if event.state == "removed" else "completed",
            "code": {"text": f"Förlossning: {said.delivery.mode}"},
            "subject": sheet["subject"],
            "encounter": sheet["encounter"],
            "performedDateTime": instant(first),
        }


def _status(event: Event) -> str:
    return "amended" if event.revisions and event.state == "entered" else _STATUS[event.state]


def _marks(event: Event, exempt: tuple[str, ...] = ()) -> Resource:
    """Return `meta.security`: the exemption from e-services, and what hides the entry from staff."""
    labels = []
    heading = exempt[-1] if exempt else keywords()[event.reason] if event.reason is not None else None
    if heading is not None:
        labels.append({"system": EXEMPT, "code": "undantag", "display": heading})
    if event.staff_sensitivity is not None:
        labels.append({"system": CONFIDENTIALITY, "code": "R", "display": event.staff_sensitivity})
    return {"security": labels} if labels else {}


def _updated(event: Event) -> str:
    actors = (event.author, event.signature, event.countersignature)
    return max(instant(actor.time) for actor in actors if actor is not None)


def _concept(code: Code | None, *, text: str) -> Resource:
    if code is None or code.code is None:
        return {"text": (code and code.original_text) or text}
    coding = {"system": f"urn:oid:{code.code_system}", "code": code.code}
    if code.display_name is not None:
        coding["display"] = code.display_name
    return {"coding": [coding]}


def _who(actor: Actor) -> Resource:
    who: Resource = {"type": "Practitioner", "display": actor.name or "Okänd"}
    if actor.hsa_id is not None:
        who["identifier"] = {"system": HSA_ID, "value": actor.hsa_id}
    return who


def _acts(event: Event, target: str) -> Iterator[Resource]:
    """Yield what was done to the document, oldest first: written, changed, signed."""
    times = [*event.revisions, event.author.time]
    acts = [("andrad" if place else "skapad", time, event.author) for place, time in enumerate(times)]
    for kind, actor in (("signerad", event.signature), ("vidimerad", event.countersignature)):
        if actor is not None:
            acts.append((kind, actor.time, actor))
    acts.sort(key=lambda act: act[1].timestamp())
    for place, (kind, time, actor) in enumerate(acts, start=1):
        agent: Resource = {"who": _who(actor)}
        if actor.role is not None:
            agent["role"] = [_concept(actor.role, text="Okänd")]
        yield {
            "resourceType": "Provenance",
            "id": f"{event.id}-P{place}",
            "target": [{"reference": target}],
            "recorded": instant(time),
            "activity": {"coding": [{"system": ACT, "code": kind, "display": words()["acts"][kind]}]},
            "agent": [agent],
        }


def _sections(atoms: tuple[Atom, ...]) -> list[Resource]:
    """Return *atoms* as sections within sections; neighbours share the headings they have in common."""
    roots: list[Resource] = []
    branch: list[Resource] = []
    for atom in atoms:
        path = atom.path or ("Anteckning",)
        shared = 0
        while shared < min(len(branch), len(path) - 1) and branch[shared]["title"] == path[shared]:
            shared += 1
        del branch[shared:]
        for title in path[shared:]:
            section: Resource = {"title": title}
            (branch[-1].setdefault("section", []) if branch else roots).append(section)
            branch.append(section)
        branch[-1]["text"] = narrative(atom.text)
    return roots


def narrative(text: str) -> Resource:
    """Return *text* as FHIR's narrative: XHTML, with a line break for each new line."""
    lines = escape(text, quote=False).replace("\n", "<br/>")
    return {"status": "additional", "div": f'<div xmlns="{_XHTML}"><p>{lines}</p></div>'}
