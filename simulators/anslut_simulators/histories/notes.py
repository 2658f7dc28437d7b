"""Generated notes: a visit as it was written down."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.calendar import DAY, wall_day, wall_time
from anslut_simulators.histories.codes import note_code
from anslut_simulators.histories.exclusions import concern, excluded_atom, staff_sensitivity
from anslut_simulators.histories.growth import read_off
from anslut_simulators.histories.growth_channel import channel_of
from anslut_simulators.histories.lifecycle import life_cycle
from anslut_simulators.histories.plan import CHILD_HEALTH_PLACE, OLD
from anslut_simulators.histories.texts import compose, pick
from anslut_simulators.histories.vaccinated import vaccinated
from anslut_simulators.histories.values import MONTHS, Values
from anslut_simulators.histories.wordings import CHILD_UNTIL, suiting
from anslut_simulators.population.draws import label
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Atom, Event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from anslut_simulators.histories.lifecycle import LifeCycle
    from anslut_simulators.histories.plan import Visit
    from anslut_simulators.histories.record import Record

_CORRECTION_SIGNED_AFTER: Final = 120
_GROWN: Final = 18
_CHILD_HEALTH: Final = "BVC"
_PENICILLIN: Final = "penicillin"

_TELLS_BACKGROUND: Final = frozenset(
    {"Läkarbesök primärvård", "Läkarbesök sjukhus", "Akutbesök", "Sjukhus inskrivning", "Utredning"}
)
_WORKING_AGES: Final = range(20, 67)


_start = attrgetter("start")


def note_id(visit: Visit) -> str:
    """Return the id of the visit's note: drawn, so it says nothing and never changes."""
    return f"{visit.words[8]:08X}{visit.words[9]:08X}"


def care_contact_id(visit: Visit) -> str:
    """Return the id that ties together what was recorded at the visit."""
    words = visit.episode if visit.stay else visit.words
    return f"VK{words[10]:08X}{words[8] & 0xFFFF:04X}"


def notes(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:
    """Yield the notes written by *now*; with *newest*, of so many visits at least, the latest ones."""
    visits = sorted((visit for visit in record.plan.visits if visit.start <= now), key=_start, reverse=True)
    told, last = 0, now
    for visit in visits:
        if newest is not None and told >= newest and visit.start < last:
            return
        life = life_cycle(visit.start, visit.words)
        if life.entered <= now:
            told, last = told + 1, visit.start
            yield from _notes(record, visit, life, now)


def _notes(record: Record, visit: Visit, life: LifeCycle, now: int) -> Iterator[Event]:
    block, words, identifier = visit.block, visit.words, note_id(visit)
    values = values_of(record, visit)
    atoms = _atoms(record, visit, values, identifier)
    member = record.staff(visit)
    author, signed = life.entered, life.signed
    revisions: tuple[datetime, ...] = ()
    if now >= life.corrected:
        author, revisions, signed = (
            life.corrected,
            (wall_time(life.entered),),
            life.corrected + _CORRECTION_SIGNED_AFTER,
        )
        if now < signed:
            signed = life.signed
        additions = read_table("background.toml")["addition"]
        last = atoms[-1]
        atoms[-1] = Atom(
            id=last.id,
            path=last.path,
            text=f"{last.text} {pick(additions, words[5])}",
            reason=last.reason,
            canary=last.canary,
        )
    event = Event(
        id=identifier,
        type="care-documentation",
        system=record.system,
        patient=record.patient(visit),
        occurred_at=wall_time(visit.start),
        author=member.at(wall_time(author)),
        unit=record.unit(visit),
        state=life.state(now),
        signature=member.at(wall_time(signed)) if now >= signed else None,
        template=block.template,
        note_code=note_code(block.note_code),
        staff_sensitivity=staff_sensitivity(visit),
        care_contact_id=care_contact_id(visit),
        revisions=revisions,
        atoms=tuple(atoms),
    )
    yield event
    worry = concern(
        record.world, number=record.person.number, visit=visit, values=values, event=f"{identifier}B"
    )
    if worry is not None:
        rule = read_table("exclusions.toml")["template"]
        yield Event(
            id=f"{identifier}B",
            type="care-documentation",
            system=record.system,
            patient=event.patient,
            occurred_at=event.occurred_at,
            author=event.author,
            unit=event.unit,
            signature=event.signature,
            template=rule["template"],
            title=rule["title"],
            note_code=note_code(rule["code"]),
            care_contact_id=event.care_contact_id,
            reason=rule["reason"],
            atoms=(worry,),
        )


def said(record: Record, visit: Visit, role: str) -> str | None:
    """Return what the visit's note says in its part *role* (see `courses.ROLES`); None when it has no such part."""
    for place, part in enumerate(visit.block.parts):
        if part.role == role:
            return _said(record, visit, values_of(record, visit), place) or None
    return None


def _said(record: Record, visit: Visit, values: Values, place: int) -> str:
    """Return what stands in the part; empty when no wording of it suits the patient."""
    part = visit.block.parts[place]
    # A wording depends on a word's low bits, a value on its high ones: the two do not follow each other.
    # What somebody takes stays the same from control to control.
    word = record.plan.own[14] if part.role == "lakemedel" else values.words[place]
    return compose(part.choices.to(visit.age, record.person.sex), word, values)


def values_of(record: Record, visit: Visit) -> Values:
    """Return the values that the visit's texts may ask for."""
    values = Values(
        words=record.draws.section(label("values", visit.year, visit.place)),
        episode=visit.episode,
        own=record.plan.own,
        age=visit.age,
        days=visit.days,
        sex=record.person.sex,
        origin=wall_day(visit.origin),
        raised=any(
            found * DAY <= visit.start for course, found in record.plan.onsets if course.code == "I109"
        ),
    )
    if visit.control:
        months = 6 if visit.age >= OLD else 12
        values["manad"] = MONTHS[(wall_day(visit.start).month - 1 + months) % 12]
    if visit.age < _GROWN:
        values.channel = channel_of(record.world, record.person)
    if visit.block.template == _CHILD_HEALTH:
        place = visit.place - CHILD_HEALTH_PLACE
        values.update(read_off(record, visit.start, place))
        if any(part.role == "vaccination" for part in visit.block.parts):
            values["vaccinerat"] = vaccinated(record, visit.start, place)
    return values


def _add_background(record: Record, visit: Visit, values: Values, texts: dict[str, str]) -> None:
    """Add how the person lives and what is not tolerated to some notes; the same every time it is told."""
    own, word = record.plan.own, visit.words[14]
    table, sex = read_table("background.toml"), record.person.sex
    extra = {}
    if word & 3 == 0 and record.person.persona is None:  # a persona's own story says how it lives
        kind = (
            "socialt"
            if visit.age in _WORKING_AGES
            else "socialt_old"
            if visit.age > CHILD_UNTIL + 50
            else None
        )
        extra["Socialt"] = pick(suiting(table[kind or "socialt_child"], visit.age, sex), own[2])
    if word & 12 == 0:
        known = pick(suiting(table["allergi"], visit.age, sex), own[15])
        if not (_PENICILLIN in known.lower() and any(_PENICILLIN in text.lower() for text in texts.values())):
            extra["Allergi"] = known
    if word & 48 == 0 and visit.age in _WORKING_AGES:
        extra["Levnadsvanor"] = pick(suiting(table["levnadsvanor"], visit.age, sex), own[12])
    if extra:
        written = dict(texts)
        texts.clear()
        for place, (heading, text) in enumerate(written.items()):
            if place == 2:  # noqa: PLR2004 - after the reason and the history
                texts.update({name: said.format_map(values) for name, said in extra.items()})
            texts[heading] = text


def _tell_origin(visit: Visit, values: Values, texts: dict[str, str]) -> None:
    """Say which visit or stay a later note belongs to."""
    headings = read_table("note_templates.toml")[visit.block.template]["headings"]
    heading = headings.get("inskrivning", headings["orsak"])
    said = read_table("background.toml")["stay" if visit.stay else "follow"]
    text = pick(said, visit.words[13]).format_map(values)
    texts[heading] = f"{texts[heading]} {text}" if heading in texts else text


def _atoms(record: Record, visit: Visit, values: Values, event: str) -> list[Atom]:
    texts: dict[str, str] = {}
    if visit.stay and visit.follow:
        _tell_origin(visit, values, texts)
    for place, part in enumerate(visit.block.parts):
        text = _said(record, visit, values, place)
        if text:
            known = texts.get(part.heading)
            texts[part.heading] = text if known is None else f"{known} {text}"
    if visit.follow and not visit.stay:
        _tell_origin(visit, values, texts)
    if not visit.control and not visit.follow and visit.block.template in _TELLS_BACKGROUND:
        _add_background(record, visit, values, texts)
    atoms = [
        Atom(id=f"{event}-{place}", path=(heading,), text=text)
        for place, (heading, text) in enumerate(texts.items())
    ]
    template = read_table("note_templates.toml")[visit.block.template]
    hidden = excluded_atom(
        record.world,
        number=record.person.number,
        visit=visit,
        values=values,
        headings=template["headings"],
        event=event,
    )
    if hidden is not None:
        place = next((place for place, atom in enumerate(atoms) if atom.path[0] == hidden.path[0]), 0)
        atoms.insert(place + 1, hidden)
    return atoms
