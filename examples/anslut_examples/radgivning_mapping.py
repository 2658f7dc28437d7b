"""What Rådgivningsstödet's lines mean in the contract's words: their form, codes, headings, times, people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

import msgspec
from anslut import Author, Change, Code, Keyword, Lookup, OrgUnit, PersonId, Signature, is_reserve
from anslut.errors import SourceDataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Row = dict[str, Any]

LISTS = (
    "anteckningstyper",
    "kontaktorsaker",
    "kontaktsatt",
    "roller",
    "rubriker",
    "statusar",
)
TYPES = {"anteckning": "care-documentation", "samtal": "care-contacts"}
ROOTS = {"PNR": "1.2.752.129.2.1.3.1", "SAM": "1.2.752.129.2.1.3.3", "RES": "1.2.752.74.9.1"}
COORDINATION_DAY = 60
DEEPEST = 50


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line whose form is known: one with a field missing, or of another type, is the source's error."""

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return *row* as this kind of line; raise `SourceDataError`, without any value, when it is not."""
        try:
            return msgspec.convert(row, cls)
        except msgspec.ValidationError:
            raise SourceDataError(f"a line of the kind {cls.__name__} is not what it should be") from None


class Number(Line, frozen=True, kw_only=True):
    """An identity as the system writes it."""

    typ: Literal["PNR", "SAM", "RES"]
    nummer: str


class First(Line, frozen=True, kw_only=True):
    """A stream's first line (`person`): other identities of the same person, to be asked for each."""

    lankade: list[Number]


class CodeRow(Line, frozen=True, kw_only=True):
    """A local code, and the national one it stands for, if any."""

    lokal: str
    kod: str | None
    text: str
    kodverk: str | None


class Unit(Line, frozen=True, kw_only=True):
    """A care unit (`enheter`): its HSA-id and its care provider's."""

    lokal: str
    hsaid: str
    namn: str
    vardgivare: str


class Person(Line, frozen=True, kw_only=True):
    """Somebody of the staff."""

    id: str | None
    namn: str | None
    roll: str | None


class Signed(Line, frozen=True, kw_only=True):
    """Who vouched for a note, and when."""

    tid: int
    av: Person


class Heading(Line, frozen=True, kw_only=True):
    """A heading or a reason: a code (`kod`), or words of its own (`fri`)."""

    kod: str | None = None
    fri: str | None = None


class Section(Heading, frozen=True, kw_only=True):
    """A heading of a note at its level, from 1, with its text if any."""

    niva: int
    text: str | None = None


class Call(Line, frozen=True, kw_only=True):
    """A call (`samtal`); times in milliseconds since 1970."""

    id: str
    satt: str
    status: str
    start: int | None
    slut: int | None
    enhet: str
    orsak: Heading | None
    rubrik: Heading | None
    registrerat: int
    av: Person
    makulerad: bool


class Note(Line, frozen=True, kw_only=True):
    """A saved note (`anteckning`)."""

    id: str
    samtalstid: int
    sparad: int
    av: Person
    enhet: str
    anteckningstyp: str
    mall: str | None
    rubrik: str | None
    avsnitt: list[Section]
    signerad: Signed | None
    makulerad: bool


class ChangeLine(Line, frozen=True, kw_only=True):
    """A line of the change feed."""

    lopnr: int
    person: Number
    vad: Literal["anteckning", "samtal"]

    def change(self) -> Change:
        """Return whose entries changed, and of which type."""
        person = PersonId(root=ROOTS[self.person.typ], extension=self.person.nummer.replace("-", ""))
        return Change(patient_id=person, type=TYPES[self.vad])


class FeedEnd(Line, frozen=True, kw_only=True):
    """The end line of the change feed."""

    senaste: int


def count_in_end(row: Row) -> object:
    """Return how many lines came before this one, if it is the end line."""
    return row.get("antal", "missing") if row.get("typ") == "slut" else None


class RadgivningCodes:
    """The system's code lists; they are the same for everybody, so they may be kept for a while."""

    def __init__(self, load: Callable[[str], Iterable[Row]]) -> None:
        def codes(name: str) -> Mapping[str, CodeRow]:
            return {row.lokal: row for row in map(CodeRow.of, load(name))}

        self._lists = {name: Lookup(lambda name=name: codes(name)) for name in LISTS}  # type: ignore[misc]  # bound now
        self._units = Lookup(lambda: {row.lokal: row for row in map(Unit.of, load("enheter"))})

    def code(self, name: str, local: str) -> Code:
        """Return the national code for a *local* one; where there is none, the text it stands for.

        A code that is not on its list is the source's error: nobody can say what it means.
        """
        row = self._row(name, local)
        if row.kod is None or row.kodverk is None:
            return Code(original_text=row.text)
        return Code.of(row.kod, row.text, system=row.kodverk)

    def unit(self, local: str) -> Unit:
        """Return the care unit; without it nobody can say whose entry this is."""
        found = self._units.get(local)
        if found is None:
            raise SourceDataError("an entry's unit is not on the source's list of units")
        return found

    def words(self, name: str, said: Heading) -> str:
        """Return what a heading, or a reason, says: by its code on list *name*, or in words of its own."""
        if said.kod is not None:
            return self._row(name, said.kod).text
        if not said.fri:
            raise SourceDataError("a heading with neither a code nor words")
        return said.fri

    def _row(self, name: str, local: str) -> CodeRow:
        row = self._lists[name].get(local)
        if row is None:
            raise SourceDataError(f"a code is not on the source's list {name}")
        return row


def number(person: PersonId) -> Number:
    """Return *person* as the system is asked: twelve digits with a hyphen; a reserve number as it stands."""
    if is_reserve(person):
        return Number(typ="RES", nummer=person.extension)
    born, rest = person.extension[:8], person.extension[8:]
    return Number(typ="SAM" if int(born[6:]) >= COORDINATION_DAY else "PNR", nummer=f"{born}-{rest}")


def moment(milliseconds: int) -> datetime:
    """Return a time of the system's: whole seconds, cut and not rounded, so that nothing ends before it does."""
    try:
        return datetime.fromtimestamp(milliseconds // 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise SourceDataError("a time that no calendar has") from None


def author(saved: int, who: Person, unit: str, codes: RadgivningCodes) -> Author:
    """Return who stands for the text as it reads now."""
    return Author(
        time=moment(saved),
        hsa_id=who.id,
        name=who.namn,
        role=codes.code("roller", who.roll) if who.roll is not None else None,
        org_unit=org_unit(unit, codes),
    )


def org_unit(unit: str, codes: RadgivningCodes) -> OrgUnit:
    """Return the unit that took the call."""
    found = codes.unit(unit)
    return OrgUnit(hsa_id=found.hsaid, name=found.namn)


def signature(signed: Signed | None) -> Signature | None:
    """Return who signed, or None: a student's note waits for the supervisor, and is shown as unsigned."""
    if signed is None:
        return None
    return Signature(time=moment(signed.tid), hsa_id=signed.av.id, name=signed.av.namn)


def keywords(sections: Sequence[Section], codes: RadgivningCodes) -> tuple[Keyword, ...]:
    """Return a note's headings as a tree: the system lists them flat, each with its level from 1.

    What lies under an excluded heading is excluded, so a list that leaves room for doubt is refused.
    """
    found, place = _from(sections, 0, 1, codes)
    if place < len(sections):
        raise SourceDataError("a note's headings have a level below the first")
    return found


def _from(
    sections: Sequence[Section], place: int, level: int, codes: RadgivningCodes
) -> tuple[tuple[Keyword, ...], int]:
    """Return the headings at *level* from *place* on, with what is below each, and where they end."""
    found: list[Keyword] = []
    while place < len(sections) and sections[place].niva >= level:
        section = sections[place]
        if section.niva > level or level > DEEPEST:
            raise SourceDataError("a note's headings skip a level, or are nested beyond reason")
        children, place = _from(sections, place + 1, level + 1, codes)
        found.append(Keyword(term=codes.words("rubriker", section), text=section.text, children=children))
    return tuple(found), place
