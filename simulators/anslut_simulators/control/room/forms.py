"""What people fill in, as the control plane takes it: a person by name or number, a fault's arguments, a time."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import orjson

from anslut_simulators.country import RESERVNUMMER, identity_of_number
from anslut_simulators.faults.catalogue import rows
from anslut_simulators.personas.classic import persona_name
from anslut_simulators.population.world import STOCKHOLM
from anslut_simulators.problems import ProblemError, invalid
from anslut_simulators.truth import Identity
from anslut_simulators.writing import ChangeOrder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.overlay import Records

_NUMBER: Final = re.compile(r"((?:18|19|20)?[0-9]{6})[-+ ]?([0-9]{4})\Z")
_RESERVE: Final = re.compile(r"[0-9]{8}[A-Z]{2}[0-9]{2}\Z")
_WHOLE: Final = re.compile(r"-?[0-9]{1,12}\Z")
_PART: Final = re.compile(r"-?[0-9]{0,9}[.,][0-9]{1,9}\Z")
_LISTED: Final = ("path", "nth", "times", "every", "probability", "seed")


def number_in(text: str, records: Records) -> Identity | None:
    """Return the identity that *text* is, however it is written; None when it is no number at all."""
    given = text.strip()
    if _RESERVE.match(given.upper()):
        return Identity(root=RESERVNUMMER, extension=given.upper())
    match = _NUMBER.match(given)
    if match is None:
        return None
    head, tail = match.groups()
    if len(head) == 8:  # noqa: PLR2004 - with a century
        return identity_of_number(f"{head}{tail}")
    found = [identity_of_number(f"{century}{head}{tail}") for century in ("20", "19", "18")]
    return next((one for one in found if records.population.person(one) is not None), found[1])


def person_in(text: str, records: Records) -> Identity:
    """Return whom *text* names: a persona, or a number; raise a problem (422) for neither, and for unsafe numbers."""
    persona = records.population.personas().get(persona_name(text))
    identity = persona.identity if persona is not None else number_in(text, records)
    if identity is None:
        raise invalid("Give the name of a persona, or a number.")
    records.guard(identity)
    return identity


def fault_in(form: Mapping[str, str], records: Records) -> dict[str, Any]:
    """Return the fault that a form asks for, as the control plane's JSON has it."""
    name = form.get("fault", "")
    row = rows().get(name)
    if row is None:
        raise invalid(f"fault: one of {', '.join(rows())}")
    order: dict[str, Any] = {"fault": name, "system": form.get("system", "")}
    for field in (*_LISTED, *row.arguments):
        given = form.get(field, "").strip()
        if given:
            is_text = field == "path" or (field in row.arguments and row.arguments[field].min is None)
            order[field] = given if is_text else _number(given, field)
    return order | _whose(form, records)


def preset_in(form: Mapping[str, str], records: Records) -> dict[str, Any]:
    """Return the preset that a form asks for."""
    return {"preset": form.get("preset", ""), "system": form.get("system", ""), **_whose(form, records)}


def _whose(form: Mapping[str, str], records: Records) -> dict[str, Any]:
    person = form.get("person", "").strip()
    if not person:
        return {}
    identity = person_in(person, records)
    return {"patientId": {"root": identity.root, "extension": identity.extension}}


def _number(given: str, field: str) -> int | float:
    if _WHOLE.match(given):
        return int(given)
    if _PART.match(given):
        return float(given.replace(",", "."))
    raise invalid(f"{field}: a number")


def time_in(text: str) -> datetime:
    """Return the Swedish time of a field of the kind datetime-local."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM, microsecond=0)
    except ValueError:
        raise invalid("now: a date and a time") from None


def entry_in(form: Mapping[str, str], patient: Identity) -> dict[str, Any]:
    """Return the new entry that a form asks for: its system and type, and JSON for what else is said of it."""
    system, _, type_name = form.get("what", "").partition("|")
    said: object = {}
    if form.get("entry", "").strip():
        try:
            said = orjson.loads(form["entry"])
        except orjson.JSONDecodeError:
            raise ProblemError(400, "malformed", "The entry is not JSON") from None
    if not isinstance(said, dict):
        raise ProblemError(400, "malformed", "The entry is not a JSON object")
    person = {"root": patient.root, "extension": patient.extension}
    return {**said, "system": system, "type": type_name, "patientId": person}


def change_in(form: Mapping[str, str], patient: Identity, records: Records) -> ChangeOrder:
    """Return the change that a form asks for."""
    wanted: dict[str, Any] = {
        "patientId": msgspec.to_builtins(patient),
        "eventId": form.get("event", ""),
        "change": form.get("change", ""),
    }
    if wanted["change"] == "exclude":
        wanted["reason"] = form.get("reason", "")
    if wanted["change"] == "move":
        wanted["toPatientId"] = msgspec.to_builtins(person_in(form.get("to", ""), records))
    try:
        return msgspec.convert(wanted, ChangeOrder)
    except msgspec.ValidationError:
        raise invalid("change: not one that there is") from None
