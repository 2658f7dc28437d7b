"""What the control room's pages show, as plain values: systems, people, entries, faults, calls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import anslut_contracts

from anslut_simulators.calls import KeepsCopy
from anslut_simulators.control.room.readme import readme
from anslut_simulators.credentials import credentials
from anslut_simulators.faults.catalogue import rows
from anslut_simulators.population.world import STOCKHOLM
from anslut_simulators.systems import described_systems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anslut_simulators.calls import System
    from anslut_simulators.country import Region, SourceSystem
    from anslut_simulators.faults.catalogue import Row
    from anslut_simulators.truth import Event

Words = dict[str, str]
#: How a fault is written when it is shown: these of its fields have a place of their own, or say nothing.
_APART: Final = frozenset({"fault", "system", "id", "seed"})


def system_cards(
    region: Region, systems: Mapping[str, System], *, scenario: str, host: str, lang: str
) -> list[dict[str, Any]]:
    """Return what a developer must know of each system of the region, in the region's order."""
    return [
        _card(entry, systems[entry.system], scenario=scenario, host=host, lang=lang)
        | {"settings": _settings(entry, region, systems[entry.system], scenario=scenario, host=host)}
        for entry in region.systems
        if entry.system in systems
    ]


def _card(
    entry: SourceSystem,
    system: System,
    *,
    scenario: str,
    host: str,
    lang: str,
) -> dict[str, Any]:
    described = described_systems().get(entry.program)
    login = credentials(entry.system, scenario)
    address = f"{host}/s/{scenario}/{entry.system}"
    is_copied = isinstance(system, KeepsCopy)
    return {
        "name": entry.system,
        "title": _title(entry, lang),
        "kind": "" if described is None else described.kind,
        "protocol": "" if described is None else described.protocol,
        "is_copied": is_copied,
        "address": f"{address}/" if is_copied else address,
        "client_id": login.client_id,
        "client_secret": login.client_secret,
        "hsa_id": entry.hsa_id,
        "types": [type_title(name, lang) for name in system.types],
        "commands": "\n\n".join(f"# {what}\n{command}" for what, command in system.guide(address)),
        "readme": readme(entry.program),
    }


def _title(entry: SourceSystem, lang: str) -> str:
    described = described_systems().get(entry.program)
    if described is None:
        return entry.system
    title = str(getattr(described, lang))
    return title if entry.system == described.name else f"{title} ({entry.system})"


def _settings(entry: SourceSystem, region: Region, system: System, *, scenario: str, host: str) -> str:
    """Return what a connector is started with; a database's address is fetched, because asking makes it."""
    login = credentials(entry.system, scenario)
    address = f"{host}/s/{scenario}/{entry.system}"
    fetched = (
        f"""$(curl -s {address}/ | python3 -c 'import json,sys; print(json.load(sys.stdin)["adress"])')"""
    )
    settings = {
        "ANSLUT_SOURCE_URL": f'"{fetched}"' if isinstance(system, KeepsCopy) else address,
        "ANSLUT_SOURCE_CLIENT_ID": login.client_id,
        "ANSLUT_SOURCE_CLIENT_SECRET": login.client_secret,
        "ANSLUT_SOURCE_SYSTEM_ID": entry.hsa_id,
        "ANSLUT_INDEX_URL": f"{host}/s/{scenario}/index",
        "ANSLUT_REGION_PROFILE": region.profile,
    }
    return "\n".join(f"export {name}={value}" for name, value in settings.items())


def type_title(name: str, lang: str) -> str:
    """Return what the information type *name* is called."""
    known = anslut_contracts.information_types().get(name)
    return name if known is None else str(getattr(known, lang))


def entry_view(event: Event, words: Words, lang: str) -> dict[str, Any]:
    """Return one entry of the truth: when, where, by whom, in which state, what it says, what can be done to it."""
    summary = () if event.content is None else event.content.summary()
    return {
        "id": event.id,
        "system": event.system,
        "type": type_title(event.type, lang),
        "at": f"{event.occurred_at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}",
        "title": event.title or event.template or "",
        "unit": event.unit.name,
        "author": event.author.name or event.author.hsa_id or "",
        "marks": [words[mark] for mark in _marks(event)],
        "removed": event.state == "removed",
        "reason": words[event.reason] if event.reason else "",
        "atoms": [
            {
                "path": " › ".join(atom.path),
                "text": atom.text,
                "reason": words[atom.reason] if atom.reason else "",
            }
            for atom in event.atoms
        ],
        "summary": list(summary),
        "changes": list(_changes(event)),
    }


def _marks(event: Event) -> Iterator[str]:
    if event.state != "entered":
        yield "draft" if event.state == "draft" else "removed"
    if _awaits_signature(event):
        yield "unsigned"
    if event.content is not None:
        if event.content.countersigned and event.countersignature is None:
            yield "unverified"
        if event.content.is_final is False:
            yield "preliminary"


def _awaits_signature(event: Event) -> bool:
    """Tell whether *event* is unsigned, and of a type that is signed at all."""
    known = anslut_contracts.information_types().get(event.type)
    return event.signature is None and (known is None or "signature" not in known.header_forbids)


def _changes(event: Event) -> Iterator[str]:
    """Yield what can be done to *event* with a press on a button."""
    if event.state == "removed":
        return
    if _awaits_signature(event):
        yield "sign"
    if event.content is not None and event.content.countersigned and event.countersignature is None:
        yield "countersign"
    if event.state == "draft" or (event.content is not None and event.content.is_final is False):
        yield "finalise"
    is_hidden = event.reason is not None or any(atom.reason for atom in event.atoms)
    if is_hidden:
        yield "unexclude"
    if (event.content is None and not all(atom.reason for atom in event.atoms)) or (
        event.content is not None and event.content.hides and event.reason is None
    ):
        yield "exclude"
    yield "move"
    yield "remove"


def fault_view(fault: Mapping[str, Any], lang: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return one fault that was asked for; *names* are personas' names by number."""
    more = {name: value for name, value in fault.items() if name not in _APART}
    if "patientId" in more:
        number = more["patientId"]["extension"]
        more["patientId"] = names.get(number, number)
    return {
        "id": fault["id"],
        "fault": fault["fault"],
        "system": fault["system"],
        "says": str(getattr(rows()[fault["fault"]], lang)),
        "more": ", ".join(f"{name}: {_plain(value)}" for name, value in more.items()),
    }


def fault_form(row: Row, lang: str) -> dict[str, Any]:
    """Return what the form of one fault of the catalogue asks for."""
    return {
        "fault": row.fault,
        "says": getattr(row, lang),
        "arguments": [
            {
                "name": name,
                "values": list(argument.values),
                "default": "" if argument.default is None else argument.default,
                "min": argument.min,
                "max": argument.max,
            }
            for name, argument in row.arguments.items()
        ],
    }


def call_view(call: Mapping[str, Any], faults: Mapping[str, str], words: Words) -> dict[str, Any]:
    """Return one line of the journal; *faults* are the names of those that are still asked for, by id."""

    def named(fault_id: str) -> str:
        return f"{fault_id} {faults.get(fault_id, '')}".strip()

    return {
        **call,
        "struck": [named(fault_id) for fault_id in call.get("struckBy", ())],
        "spared": [
            f"{named(miss['id'])}: {words['spared_' + miss['why']]}" for miss in call.get("sparedBy", ())
        ],
    }


def draft_of(event: Event) -> str:
    """Return a new entry as JSON to go on writing at: without what the control plane says of itself."""
    kept = {
        name: value
        for name, value in event.to_json().items()
        if name not in {"id", "patient", "system", "type"}
    }
    return json.dumps(kept, ensure_ascii=False, indent=2)


def matching(people: Sequence[Mapping[str, Any]], wanted: str) -> list[Mapping[str, Any]]:
    """Return those of *people* in whom every word of *wanted* is found."""
    needles = wanted.casefold().split()
    return [one for one in people if all(needle in _said(one) for needle in needles)]


def _said(one: Mapping[str, Any]) -> str:
    return " ".join((one["name"], one["sv"], one["why"], *one["rules"], one.get("role", ""))).casefold()


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
