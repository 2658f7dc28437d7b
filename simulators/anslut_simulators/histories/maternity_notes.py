"""Generated notes of maternity care: what the midwife and the delivery ward wrote, and what was said of the newborn."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

from anslut_simulators.histories.calendar import DAY, wall_time
from anslut_simulators.histories.codes import note_code
from anslut_simulators.histories.exclusions import canary
from anslut_simulators.histories.lifecycle import life_cycle
from anslut_simulators.histories.maternity_delivery import apgar, delivery_of
from anslut_simulators.histories.maternity_plan import Meeting, as_unit, birth_meetings, meetings
from anslut_simulators.histories.maternity_pregnancies import EARLY
from anslut_simulators.histories.maternity_values import MaternityValues
from anslut_simulators.histories.texts import compose, pick
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Atom, Event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from anslut_simulators.histories.maternity_measures import Mother
    from anslut_simulators.histories.maternity_pregnancies import Child, Pregnancy
    from anslut_simulators.histories.plan import Visit
    from anslut_simulators.histories.record import Record
    from anslut_simulators.histories.wordings import Sentences
    from anslut_simulators.truth import Identity

_PER_MILLE: Final = 1000
_SUMMARY: Final = "Graviditetssammanfattning"
_MUCH_BLOOD: Final = 1000
_LATE, _SMALL = 245, 140
_EARLY_BIRTH: Final = 259
_OVERDUE: Final = 287
_TOXIC: Final = 231
_WEAK: Final = 6
"""A child is not told of as crying at once with so low an Apgar score, or a lower one, at one minute."""

_PKU_FROM: Final = 48 * 3600
"""How old a newborn is, in seconds, when it is tested for inborn diseases."""
_RENUMBERED_AFTER_DAYS: Final = 14
_TURN: Final = 2


def maternity_notes(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:
    """Yield the notes written by *now* about *record*'s person: as a mother, and as a newborn.

    With *newest*, of so many meetings at least, the latest ones.
    """
    noted = [(meeting, False) for meeting in meetings(record, now) if meeting.template]
    noted += [(meeting, True) for meeting in birth_meetings(record, now)]
    noted.sort(key=_start, reverse=True)
    told, last = 0, now
    for meeting, newborn in noted:
        if newest is not None and told >= newest and meeting.start < last:
            return
        patient = _first_identity(record, meeting) if newborn else record.person.identity
        event = _note(record, meeting, now, patient, child=_child(record, meeting) if newborn else None)
        if event is not None:
            told, last = told + 1, meeting.start
            yield event


def _start(noted: tuple[Meeting, bool]) -> int:
    return noted[0].start


def _first_identity(record: Record, meeting: Meeting) -> Identity:
    """Return the identity a newborn had then: a reserve number until it was renumbered."""
    days = meeting.start // DAY - meeting.pregnancy.born
    if record.person.linked and days < _RENUMBERED_AFTER_DAYS:
        return record.person.linked[0]
    return record.person.identity


def _child(record: Record, meeting: Meeting) -> Child:
    identity = record.person.identity
    return next(child for child in meeting.pregnancy.children if child.identity == identity)


@lru_cache(maxsize=1024)
def _sentences(template: str, heading: str, flags: frozenset[str]) -> Sentences:
    """Return the sentences under *heading* that hold when *flags* do."""
    kept = []
    for wordings in read_table("maternity_notes.toml")[template][heading]:
        marked = [text.partition("|")[2] for text in wordings if text.partition("|")[0] in flags]
        plain = [text for text in wordings if "|" not in text]
        if marked or plain:
            kept.append(tuple(marked or plain))
    return tuple(kept)


@lru_cache(maxsize=64)
def _headings(template: str) -> tuple[str, ...]:
    return tuple(name for name in read_table("maternity_notes.toml")[template] if name != "code")


def _flags(meeting: Meeting, values: MaternityValues, child: Child | None) -> frozenset[str]:
    mother, pregnancy = values.mother, meeting.pregnancy
    flags = set(delivery_of(pregnancy).flags)
    flags.add(_newborn_state(pregnancy, child))
    if child is not None:
        flags |= {"flicka" if child.sex == "F" else "pojke"}
        return frozenset(flags | ({"tidigt"} if pregnancy.days < _EARLY_BIRTH else set()))
    if not meeting.is_dated:
        flags.discard("tvilling")
    if pregnancy.assisted:
        flags.add("assisterad")
    if meeting.day < _SMALL:
        flags.add("tidig")
    elif meeting.day >= _LATE:
        flags.add("sent")
    return frozenset(flags | _risks(meeting, mother, flags) | _birth(pregnancy, mother, meeting.start))


def _risks(meeting: Meeting, mother: Mother, flags: set[str]) -> set[str]:
    """Return what makes it another pregnancy than most, as far as it was known at *meeting*."""
    diseases = {"skoldkortel": "endocrine_disease", "diabetes": "diabetes", "trombos": "thrombosis"}
    has = {flag for flag, disease in diseases.items() if mother.has(disease)}
    if has or "tvilling" in flags or meeting.pregnancy.after_early_birth:
        has.add("utokad")
    if mother.toxic and meeting.day >= _TOXIC:
        has.add("toxisk")
    return has


def _birth(pregnancy: Pregnancy, mother: Mother, start: int) -> set[str]:
    """Return what is told of the birth in notes of the delivery and the ward, written at *start* or soon after."""
    went = delivery_of(pregnancy)
    flags = {"stor blodning"} if went.blood_loss > _MUCH_BLOOD else set()
    if start - went.children_at[-1] < _PKU_FROM:
        flags.add("tidig hemgang")
    if went.induced:
        flags.add(f"igang {_reason(pregnancy, mother)}")
    return flags


def _newborn_state(pregnancy: Pregnancy, child: Child | None) -> str:
    """Return how *child* was when it was born, or the weakest of the children."""
    if pregnancy.days < EARLY:
        return "fortidigt"
    children = pregnancy.children if child is None else (child,)
    if any(apgar(one)[0] <= _WEAK for one in children):
        return "lagapgar"
    return "pigg efter snitt" if delivery_of(pregnancy).is_section else "pigg"


def _reason(pregnancy: Pregnancy, mother: Mother) -> str:
    """Return why she was induced."""
    if mother.toxic:
        return "toxisk"
    if mother.has("diabetes"):
        return "diabetes"
    if pregnancy.days >= _OVERDUE:
        return "overburen"
    return "tvilling" if len(pregnancy.children) > 1 else "annat"


def _note(
    record: Record, meeting: Meeting, now: int, patient: Identity, *, child: Child | None = None
) -> Event | None:
    life = life_cycle(meeting.start, meeting.words)
    summary = meeting.template == _SUMMARY
    signed, entered, state = life.signed, life.entered, life.state(now)
    if summary:  # the system makes it an entry by itself; somebody signs it
        entered, state, signed = meeting.start, "entered", max(life.signed, meeting.start + 3 * 3600)
    if entered > now:
        return None
    member = meeting.staff(record)
    author, revisions = entered, ()
    corrected = not summary and now >= life.corrected
    if corrected:
        author, signed = life.corrected, life.corrected + 120
    said: tuple[datetime, ...] = (wall_time(entered),) if corrected else revisions
    code = read_table("maternity_notes.toml")[meeting.template]["code"]
    values = MaternityValues(record, meeting, self_=child)
    return Event(
        id=meeting.note_id,
        type="care-documentation",
        system=record.system,
        patient=patient,
        occurred_at=wall_time(meeting.start),
        author=member.at(wall_time(author)),
        unit=as_unit(meeting.unit),
        state=state,
        signature=member.at(wall_time(signed)) if now >= signed else None,
        template=meeting.template,
        note_code=note_code(code),
        care_contact_id=meeting.contact_id,
        revisions=said,
        atoms=tuple(_atoms(record, meeting, values, child=child, corrected=corrected)),
    )


def _atoms(
    record: Record, meeting: Meeting, values: MaternityValues, *, child: Child | None, corrected: bool
) -> list[Atom]:
    words = values.record.world.draws.of(meeting.words[8]).section(
        label("maternity", "text", meeting.words[9])
    )
    flags = _flags(meeting, values, child)
    atoms = []
    for place, heading in enumerate(_headings(meeting.template)):
        sentences = _sentences(meeting.template, heading, flags)
        if sentences:
            text = compose(sentences, words[place], cast("Any", values))
            atoms.append(Atom(id=f"{meeting.note_id}-{place}", path=(heading,), text=text))
    if corrected:
        last = atoms.pop()
        more = pick(read_table("background.toml")["addition"], meeting.words[5])
        atoms.append(Atom(id=last.id, path=last.path, text=f"{last.text} {more}"))
    hidden = None if child is not None else _excluded(record, meeting, values)
    if hidden is not None:
        at = next((place for place, atom in enumerate(atoms) if atom.path[0] == hidden.path[0]), 0)
        atoms.insert(at + 1, hidden)
    return atoms


def _excluded(record: Record, meeting: Meeting, values: MaternityValues) -> Atom | None:
    """Return the excluded piece of the meeting's note, or None for the many that have none."""
    rest = below(meeting.words[14], _PER_MILLE)
    for rule in read_table("maternity_notes.toml")["excluded"]:
        if meeting.template not in rule["templates"]:
            continue
        rest -= rule["per_mille"]
        if rest < 0:
            visit = cast("Visit", meeting)  # a year and a place within it are all that it asks for
            token = canary(record.world, number=record.person.number, visit=visit, turn=_TURN)
            values["dnr"] = token
            text = pick(rule["text"], meeting.words[15]).format_map(values)
            return Atom(
                id=f"{meeting.note_id}-99",
                path=tuple(rule["path"]),
                text=text,
                reason=rule["reason"],
                canary=token,
            )
    return None
