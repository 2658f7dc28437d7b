"""From events to rows of the replica's tables."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from anslut_simulators.country import RESERVNUMMER
from anslut_simulators.elevjournal.parts import Part, part_of_unit, parts_of, title_of, words
from anslut_simulators.histories.school import school_year
from anslut_simulators.histories.school_notes import WHOSE
from anslut_simulators.scenario import STOCKHOLM
from anslut_simulators.truth.growth_observations import Growth

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from anslut_simulators.country import Person, Region
    from anslut_simulators.truth import Actor, Event, Identity

Row = tuple[object, ...]
Rows = dict[tuple[str, str], dict[object, Row]]
"""(schema, table) → primary key → row; the key is anything unique where the table has none."""

_FACTORS: Final = {"height": (10, "mm"), "head": (10, "mm"), "weight": (1000, "g")}
_SCHOOL_WEEKS_FROM: Final = 2009


def local_time(moment: datetime) -> str:
    """Return *moment* as the replica writes it: Swedish wall clock, without an offset."""
    local = moment if moment.tzinfo is STOCKHOLM else moment.astimezone(STOCKHOLM)
    return local.replace(tzinfo=None).isoformat(" ")


def number_of(identity: Identity) -> str:
    """Return *identity* as the replica writes it: twelve digits with a hyphen, a reserve number as it stands."""
    extension = identity.extension
    return extension if identity.root == RESERVNUMMER else f"{extension[:8]}-{extension[8:]}"


@lru_cache(maxsize=65536)
def pupil_id(schema: str, identity: Identity) -> int:
    """Return the pupil's id in *schema*: another in every schema, and it says nothing."""
    digest = blake2b(
        f"{schema}|{identity.root}|{identity.extension}".encode(), digest_size=4, key=b"elevjournal-elev"
    )
    return int.from_bytes(digest.digest()) >> 1


class Renderer:
    """Writes the pupils of one region."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self.parts = parts_of(region)
        self._part_of = {unit.hsa_id: part_of_unit(region, unit.hsa_id) for unit in region.units}
        self._signatures: dict[Row, Row] = {}
        self._schools = {unit.hsa_id: number for number, unit in enumerate(region.units, start=1)}

    def pupil(self, person: Person, events: Iterable[Event]) -> Rows:
        """Return the rows of *person* with *events*, in every schema that has any of them."""
        found: Rows = defaultdict(dict)
        listed = sorted(events, key=lambda event: (event.occurred_at, event.id))
        found_parts = (self._part_of.get(event.unit.hsa_id) for event in listed)
        home = next((part for part in found_parts if part is not None), self.parts[0])
        if not listed:
            self._pupil(found, home, person, person.identity)
        for event in listed:
            part = self._part_of.get(event.unit.hsa_id) or home
            pupil = self._pupil(found, part, person, event.patient)
            if event.type == "growth-observations":
                self._measurement(found, part, pupil, event)
            else:
                self._note(found, part, pupil, event)
        return found

    def schools(self) -> Iterable[Row]:
        """Return every unit as the replica numbers them."""
        for unit in self._region.units:
            place = getattr(unit, "place", None)
            yield (self._schools[unit.hsa_id], unit.sv, unit.hsa_id, unit.care_provider, place)

    def _pupil(self, found: Rows, part: Part, person: Person, identity: Identity) -> int:
        key = pupil_id(part.schema, identity)
        current = None if identity == person.identity else self._pupil(found, part, person, person.identity)
        sex = "P" if getattr(person, "sex", "F") == "M" else "F"
        found[part.schema, "elev"][key] = (
            key,
            number_of(identity),
            getattr(person, "given_name", "Elev"),
            getattr(person, "surname", "Elevsson"),
            str(getattr(person, "birth_date", "")),
            sex,
            int(getattr(person, "protected_identity", False)),
            current,
        )
        return key

    def _measurement(self, found: Rows, part: Part, pupil: int, event: Event) -> None:
        said = event.holding(Growth)
        value, unit = self._value(part, said, event)
        found[part.schema, "matning"][event.id, pupil] = (
            event.id,
            self._visit(found, part, pupil, event, day_only=said.day_only),
            pupil,
            words()["mattyper"][said.measure],
            value,
            unit,
            said.method,
            said.path[-1] if said.path else None,
            event.template,
            *self._life(found, part, event),
        )

    def _value(self, part: Part, said: Growth, event: Event) -> tuple[object, str | None]:
        """Return the value and its unit as they were written there and then."""
        if not part.in_millimetres:
            return Decimal(said.value), said.unit
        if said.measure in _FACTORS and local_time(event.author.time) < words()["mm_till"]:
            return str(int(Decimal(said.value) * _FACTORS[said.measure][0])), None
        if said.measure == "pregnancy":
            weeks, days = divmod(int(Decimal(said.value)), 7)
            return f"{weeks}+{days}", "v+d"
        return said.value.replace(".", ","), said.unit

    def _note(self, found: Rows, part: Part, pupil: int, event: Event) -> None:
        kind = words()["anteckningstyper"].get(event.note_code.code) if event.note_code else None
        found[part.schema, "anteckning"][event.id, pupil] = (
            event.id,
            self._visit(found, part, pupil, event),
            pupil,
            kind,
            event.template,
            event.title,
            *self._life(found, part, event),
        )
        number = 0
        rows = found[part.schema, "sokord"]
        above: dict[tuple[str, ...], int] = {}
        for atom in event.atoms:
            path = atom.path or ("Anteckning",)
            parent = None
            for depth in range(1, len(path)):
                if path[:depth] not in above:
                    number += 1
                    above[path[:depth]] = number
                    rows[event.id, number] = (event.id, pupil, number, parent, *_whose(path[depth - 1]), None)
                parent = above[path[:depth]]
            number += 1
            above.setdefault(path, number)
            rows[event.id, number] = (event.id, pupil, number, parent, *_whose(path[-1]), atom.text)

    def _visit(self, found: Rows, part: Part, pupil: int, event: Event, *, day_only: bool = False) -> str:
        unit, when = event.unit.hsa_id, local_time(event.occurred_at)
        about = f"{event.care_contact_id or event.id}|{pupil}|{when}|{unit}|{day_only}"
        key = blake2b(about.encode(), digest_size=6, key=b"elevjournal-besok").hexdigest().upper()
        day = event.occurred_at.astimezone(STOCKHOLM).date()
        year, week, weekday = in_school_weeks(day)
        found[part.schema, "besok"][key] = (
            key,
            pupil,
            self._schools[unit],
            event.care_contact_id,
            None if day_only else when[:10],
            None if day_only else when[11:],
            year,
            week,
            weekday,
        )
        return key

    def _life(self, found: Rows, part: Part, event: Event) -> Row:
        signature = event.signature
        return (
            int(event.state != "draft"),
            int(event.state == "removed"),
            local_time(event.author.time),
            self._signature(found, part, event.author),
            local_time(signature.time) if signature else None,
            self._signature(found, part, signature) if signature else None,
        )

    def _signature(self, found: Rows, part: Part, actor: Actor) -> str:
        key = (actor.hsa_id, actor.name, actor.role)
        row = self._signatures.get(key)
        if row is None:
            row = self._signatures[key] = _signature_row(actor)
        found[part.schema, "signatur"][row[0]] = row
        return str(row[0])


def _signature_row(actor: Actor) -> Row:
    title = title_of(actor.role)
    about = f"{actor.hsa_id}|{actor.name}|{title}"
    digest = blake2b(about.encode(), digest_size=3, key=b"elevjournal-signatur").hexdigest()
    name = "".join(letter for letter in (actor.name or "okänd").casefold() if letter.isalpha())
    return (f"{name[:4]}{digest}", actor.name, actor.hsa_id, title)


def in_school_weeks(day: date) -> tuple[int, int, int]:
    """Return the school year's first year, the week's number and the weekday (Monday is 1) of *day*."""
    monday = day - timedelta(days=day.isoweekday() - 1)
    return school_year(day), monday.isocalendar().week, day.isoweekday()


def _whose(term: str) -> tuple[str, str | None]:
    """Return a keyword without whose words they are, and that by itself: V the guardian's, E the pupil's."""
    for short, whose in (("V", WHOSE["vh"]), ("E", WHOSE["elev"])):
        if term.endswith(f" {whose}"):
            return term.removesuffix(f" {whose}"), short
    return term, None
