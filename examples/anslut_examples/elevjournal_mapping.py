"""What Elevjournal's columns mean in the contract's words: school weeks, millimetres, whose words, people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from anslut import Author, Code, GrowthPatient, Keyword, OrgUnit, Quantity, Signature, from_local, is_reserve
from anslut.errors import SourceDataError, SourceUnavailableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from anslut import PersonId
    from anslut.source.sql import SqlReading

Row = dict[str, Any]

PROFESSIONS = "1.2.752.129.2.2.1.4"
MOST_LAG = timedelta(hours=1)
MEASURES = {1: "1153637007", 2: "27113001", 3: "363812007", 4: "412726003", 5: "60621009"}
UNITS = {1: "cm", 2: "kg", 3: "cm", 4: "d", 5: "kg/m2"}
FACTORS = {
    ("mm", "cm"): Decimal("0.1"),
    ("g", "kg"): Decimal("0.001"),
    ("cm", "cm"): Decimal(1),
    ("kg", "kg"): Decimal(1),
}
LIKELY = {1: ("20", "250"), 2: ("0.3", "300"), 3: ("15", "75"), 4: ("140", "320"), 5: ("5", "90")}
"""What can be true of a child: a value outside stands in another unit than it says."""

NOTE_TYPES = {"B": "bes", "T": "auf", "S": "sao", "M": "sam", "U": "utr", "A": "atb"}
WHOSE = {"V": "vårdnadshavare", "E": "elev"}
SEXES = {"P": "1", "F": "2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """One part of the municipality: until *changed*, lengths and weights without a unit are in these."""

    name: str
    length: str | None
    weight: str | None


def check_copy(reading: SqlReading) -> None:
    """Refuse a replica that is being loaded, or has fallen behind: half an answer looks like a whole one."""
    state = reading.row("SELECT lage, avser, kontrollerad FROM replika_status")
    if state is None or state["lage"] != "klar":
        raise SourceUnavailableError("the replica is being loaded")
    if from_local(state["kontrollerad"]) - from_local(state["avser"]) > MOST_LAG:
        raise SourceUnavailableError("the replica has fallen behind its source")


def schemas(reading: SqlReading) -> list[Schema]:
    """Return the parts of the municipality."""
    rows = reading.rows(
        "SELECT schemanamn, langd_enhet_fore, vikt_enhet_fore FROM kommundel ORDER BY schemanamn"
    )
    return [
        Schema(name=row["schemanamn"], length=row["langd_enhet_fore"], weight=row["vikt_enhet_fore"])
        for row in rows
    ]


def entries(reading: SqlReading, schema: Schema, table: str, pupils: Collection[int]) -> Iterable[Row]:
    """Return the rows of *table* about *pupils* that are finished and not nullified, with visit, unit and people."""

    def name(of: str) -> str:
        return reading.table(schema.name, of)

    marks = ", ".join("?" * len(pupils))
    rows = reading.rows(
        f"""
        SELECT m.*, b.id AS besok, b.elev_id AS besokare, b.datum, b.klockan, b.veckodag, v.mandag,
               s.namn AS enhetsnamn, s.hsaid, s.vardgivare, e.fodd, e.kon,
               r.namn AS reg_namn, r.hsaid AS reg_hsaid, rb.kv AS reg_kv, rb.benamning AS reg_befattning,
               g.namn AS sign_namn, g.hsaid AS sign_hsaid
        FROM {name(table)} m
        JOIN {name("elev")} e ON e.id = m.elev_id
        LEFT JOIN {name("besok")} b ON b.id = m.besok_id
        LEFT JOIN {name("skola")} s ON s.id = b.skola_id
        LEFT JOIN lasvecka v ON v.lasar_id = b.lasar_id AND v.vecka = b.vecka
        LEFT JOIN {name("signatur")} r ON r.kod = m.reg_sign
        LEFT JOIN befattning rb ON rb.kod = r.befattning
        LEFT JOIN {name("signatur")} g ON g.kod = m.signerad_sign
        WHERE m.elev_id IN ({marks}) AND m.lage = 1 AND m.makulerad = 0
        """,  # noqa: S608 - names are the source's own, values are parameters
        *pupils,
    )
    if any(row["besok"] is None or row["hsaid"] is None for row in rows):
        raise SourceDataError("an entry without its visit: nobody can say when and where it was")
    if table == "anteckning":
        texts: dict[str, list[Row]] = {}
        for text in reading.rows(
            f"SELECT * FROM {name('sokord')} WHERE elev_id IN ({marks}) ORDER BY nr",  # noqa: S608 - as above
            *pupils,
        ):
            texts.setdefault(text["anteckning_id"], []).append(text)
        for row in rows:
            row["sokord"] = texts.get(row["id"], [])
    return rows


def number(person: PersonId) -> str:
    """Return *person* as the replica writes it: twelve digits with a hyphen, a reserve number as it stands."""
    return person.extension if is_reserve(person) else f"{person.extension[:8]}-{person.extension[8:]}"


def visited_at(row: Row) -> datetime:
    """Return when the visit was; of the oldest only the day is known, and a note has room for no less than a time."""
    if row["datum"] is None:
        return from_local(f"{_school_day(row)} 00:00:00")
    return from_local(f"{row['datum']} {row['klockan']}")


def measured_at(row: Row) -> datetime | date:
    """Return when it was measured, as exactly as the source knows: the oldest visits have only their day."""
    return _school_day(row) if row["datum"] is None else visited_at(row)


def _school_day(row: Row) -> date:
    if row["mandag"] is None or row["veckodag"] not in range(1, 8):
        raise SourceDataError("a visit without date and without a week of a school year")
    try:
        return date.fromisoformat(row["mandag"]) + timedelta(days=row["veckodag"] - 1)
    except ValueError:
        raise SourceDataError("a school week that begins on no day of the calendar") from None


def patient(row: Row) -> GrowthPatient:
    """Return whom a measurement is about; without a name, which a curve has no use for."""
    try:
        born = date.fromisoformat(row["fodd"])
    except ValueError:
        raise SourceDataError("a pupil's birth date is not on the calendar") from None
    return GrowthPatient(date_of_birth=born, gender=Code.listed("sexes", SEXES[row["kon"]]))


def measure(row: Row) -> Code:
    """Return what was measured."""
    if row["typ"] not in MEASURES:
        raise SourceDataError("a measurement of a kind that Elevjournal did not have")
    return Code.listed("growth-observations", MEASURES[row["typ"]])


def value(row: Row, schema: Schema) -> Quantity:
    """Return the value in the contract's unit; a unit that is not written is the schema's old one."""
    kind, text, unit = row["typ"], str(row["varde"]).strip(), row["enhet"]
    if unit is None:
        unit = schema.weight if kind == 2 else schema.length  # noqa: PLR2004 - the source's own code
    try:
        found = _weeks_and_days(text) if unit == "v+d" else Decimal(text.replace(",", "."))
    except (InvalidOperation, ValueError):
        raise SourceDataError("a measured value that is no number") from None
    found *= FACTORS.get((unit or "", UNITS[kind]), Decimal(1))
    low, high = map(Decimal, LIKELY[kind])
    if not found.is_finite() or not low <= found <= high:
        raise SourceDataError(
            "a measured value that no child can have: it stands in another unit than it says"
        )
    return Quantity(value=f"{found.normalize():f}", unit=UNITS[kind])


def _weeks_and_days(text: str) -> Decimal:
    weeks, _, days = text.partition("+")
    return Decimal(7 * int(weeks) + int(days or 0))


def keywords(rows: list[Row]) -> tuple[Keyword, ...]:
    """Return a note's tree of keywords (sökord), each with whose words stand under it."""
    below: dict[int | None, list[Row]] = {}
    for row in rows:
        below.setdefault(row["over_nr"], []).append(row)

    def tree(above: int | None) -> tuple[Keyword, ...]:
        return tuple(
            Keyword(term=_term(row), text=row["text"], children=tree(row["nr"]))
            for row in below.get(above, [])
        )

    return tree(None)


def _term(row: Row) -> str:
    """Return the heading: a guardian's words and a pupil's must be told apart."""
    whose = WHOSE.get(row["uppgift_av"] or "")
    return f"{row['sokord']} {whose}" if whose else str(row["sokord"])


def note_type(row: Row) -> Code:
    """Return the kind of note."""
    if row["typ"] not in NOTE_TYPES:
        raise SourceDataError("a note of a kind that Elevjournal did not have")
    return Code.listed("note-types", NOTE_TYPES[row["typ"]])


def author(row: Row, *, bare: bool) -> Author:
    """Return who entered it; *bare* leaves the unit's id out, which stands in the header already."""
    role = None
    if row["reg_befattning"] is not None:
        role = Code.of(row["reg_kv"], row["reg_befattning"], system=PROFESSIONS)
    return Author(
        time=from_local(row["reg_tid"]),
        hsa_id=row["reg_hsaid"],
        name=row["reg_namn"],
        role=role,
        org_unit=OrgUnit(hsa_id=None if bare else row["hsaid"], name=row["enhetsnamn"]),
    )


def signature(row: Row) -> Signature | None:
    """Return who signed, or None: an unsigned entry is shown too, as unsigned."""
    if row["signerad_tid"] is None:
        return None
    return Signature(time=from_local(row["signerad_tid"]), hsa_id=row["sign_hsaid"], name=row["sign_namn"])
