"""What a nurse at 1177 writes down about a call: headings, answers, advice, and who it was that called."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.calendar import DAY, wall_day
from anslut_simulators.histories.call_reasons import table
from anslut_simulators.histories.texts import compose, pick
from anslut_simulators.histories.values import Values
from anslut_simulators.histories.wordings import CHILD_UNTIL
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.identities import birth_date_of, official_index, sex_of
from anslut_simulators.population.names import given_name, surnames
from anslut_simulators.truth import Atom

if TYPE_CHECKING:
    from anslut_simulators.histories.call_plan import Call
    from anslut_simulators.histories.call_reasons import Told
    from anslut_simulators.histories.record import Record
    from anslut_simulators.population.draws import Section
    from anslut_simulators.population.permutation import Permutation
    from anslut_simulators.population.world import World

CALLER: Final = "Vem ringer"
THIRD_PERSON: Final = "Tredje person"
VIOLENCE: Final = "Våldsutsatt"
WORKING: Final = "Arbetsanteckning"
_CAN_WAIT: Final = frozenset({"green", "other"})
_PER_MILLE: Final = 1000
_PERSON_GIVEN: Final = 0
_LETTERS: Final = "BCDFGHJKLMNPQRSTVXZW"
_PLACES: Final = 38
_YEARS_FROM: Final = 2010
_PERSON: Final = label("person")


def atoms_of(record: Record, call: Call, words: Section, event: str) -> tuple[Atom, ...]:
    """Return the saved note's texts in the order of its headings."""
    values = _values(record, call, words)
    told = call.reason.child if call.age < CHILD_UNTIL else call.reason.adult
    grave = call.ending.level == "red"
    complaint = "" if grave else f" {compose(told.complaint, words[0], values)}"
    found = [(("Kontaktorsak",), f"{call.reason.name}.{complaint}")]
    if call.caller == "self":
        waited = str(1 + below(words[14], 48))
        found.append(((CALLER,), pick(table()["caller_text"]["self"], words[1]).format(ko=waited)))
    texts = _grave(told, words, values) if grave else _told(told, call, words, values)
    texts += [("Brådska", pick(call.ending.urgency, words[6])), ("Hänvisning", _referred(call, words[8]))]
    atoms = [
        Atom(id=f"{event}-{place}", path=path, text=text)
        for place, (path, text) in enumerate([*found, *(((heading,), text) for heading, text in texts)])
    ]
    return tuple(_with_excluded(record, call, words, event, atoms, values))


def draft_atoms(  # noqa: PLR0913, PLR0917 - what a draft depends on
    record: Record, call: Call, words: Section, event: str, number: int, atoms: tuple[Atom, ...]
) -> tuple[Atom, ...]:
    """Return what draft *number* (from 0) held: the beginning of the note, and a working line of its own."""
    del words
    said = table()["drafts"]["later" if number else "first"]
    token = reference(record.world, record, call, turn=number + 1)
    kept = [atom for atom in atoms[: 1 + 2 * number] if atom.reason is None]
    return (
        *(Atom(id=f"{event}-{place}", path=atom.path, text=atom.text) for place, atom in enumerate(kept)),
        Atom(
            id=f"{event}-9",
            path=(WORKING,),
            text=f"{pick(said, call.words[10] + number)} {token}",
            canary=token,
        ),
    )


def addition(call: Call) -> str:
    """Return what a corrected note has in addition."""
    return pick(table()["additions"], call.words[10])


def _values(record: Record, call: Call, words: Section) -> Values:
    episode = words if call.visit is None else call.visit.episode
    return Values(
        words=words,
        episode=episode,
        own=record.plan.own,
        age=call.age,
        days=call.days,
        sex=record.person.sex,
        origin=wall_day(call.start),
        raised=any(
            found * DAY <= call.start for course, found in record.plan.onsets if course.code == "I109"
        ),
    )


def _told(told: Told, call: Call, words: Section, values: Values) -> list[tuple[str, str]]:
    """Return what is written of an ordinary call, by heading."""
    alarm = call.ending.alarm
    general = pick(table()["general"], words[15]).format_map(values)
    return [
        ("Anamnes", f"{compose(told.history, words[2], values)} {general}"),
        ("Frågor och svar", _asked(told, call, words[3], values)),
        ("Allmäntillstånd/symtombild", pick(told.picture[alarm], words[4]).format_map(values)),
        ("Bedömning", pick(told.assessment[alarm], words[5])),
        ("Åtgärd/egenvård", _advised(told, call, words[7], values)),
    ]


def _grave(told: Told, words: Section, values: Values) -> list[tuple[str, str]]:
    """Return what is written of a call that goes on to 112: one look, and no more questions."""
    known = table()
    return [
        ("Anamnes", pick(told.urgent, words[11]).format_map(values)),
        ("Frågor och svar", pick(known["grave_asked"], words[3])),
        ("Bedömning", pick(known["grave"], words[5])),
        ("Åtgärd/egenvård", pick(known["grave_advice"], words[7])),
    ]


def _asked(told: Told, call: Call, word: int, values: Values) -> str:
    """Return questions with answers; when the call ends in care soon, one or two of them are not good."""
    ill = word % len(told.questions) if call.ending.alarm else -1
    also = (word >> 8) % len(told.questions) if call.ending.alarm and word & 64 else -1
    parts = []
    for place, (question, well, bad) in enumerate(told.questions):
        answers = bad if place in {ill, also} else well
        parts.append(f"{question} {pick(answers, word >> (4 + place))}")
    return " ".join(parts).format_map(values)


def _advised(told: Told, call: Call, word: int, values: Values) -> str:
    if call.ending.level == "orange":
        return f"{pick(table()['meanwhile'], word)} {pick(table()['again'], word >> 12)}"
    return f"{compose(told.advice, word, values)} {pick(told.again, word >> 12)}".format_map(values)


def _referred(call: Call, word: int) -> str:
    if call.reason.elsewhere and call.ending.level in _CAN_WAIT:
        return pick(call.reason.elsewhere, word)
    text = pick(call.ending.referral, word)
    if call.visit is None:
        return text
    minutes = call.visit.start % DAY // 60
    day = "i dag" if call.visit.start // DAY == call.start // DAY else "i morgon"
    return text.format(mottagning=call.visit.unit.sv, tid=f"{day} kl. {minutes // 60:02d}.{minutes % 60:02d}")


def _with_excluded(  # noqa: PLR0913, PLR0917 - what the texts depend on
    record: Record, call: Call, words: Section, event: str, atoms: list[Atom], values: Values
) -> list[Atom]:
    """Return *atoms* with who called, when that is another than the patient, and what was said in confidence."""
    confided = table()["confidence"]
    if call.caller != "self":
        token = reference(record.world, record, call, turn=0)
        text = _caller(record, call, words).replace("{dnr}", token)
        if below(words[9], _PER_MILLE) < confided["per_mille"]:
            text = f"{text} {pick(confided['text'], words[10]).replace('{dnr}', token)}"
        hidden = Atom(
            id=f"{event}-V", path=(CALLER, THIRD_PERSON), text=text, reason="third-person", canary=token
        )
        return [atoms[0], hidden, *atoms[1:]]
    if call.age >= CHILD_UNTIL + 3 and below(words[9], _PER_MILLE) < confided["violence_per_mille"]:
        token = reference(record.world, record, call, turn=0)
        values["dnr"] = token
        text = pick(confided["violence"], words[10]).format_map(values)
        path = ("Anamnes", VIOLENCE)
        hidden = Atom(id=f"{event}-V", path=path, text=text, reason="violence", canary=token)
        return [*atoms[:3], hidden, *atoms[3:]]
    return atoms


def _caller(record: Record, call: Call, words: Section) -> str:
    relation, name = _who(record, call, words)
    said = pick(table()["caller_text"][call.caller], words[1])
    return str(
        said.replace("{relation_liten}", relation.lower())
        .replace("{relation}", relation)
        .replace("{namn}", name)
    )


def _who(record: Record, call: Call, words: Section) -> tuple[str, str]:
    """Return the caller's relation and name: a guardian who exists, where the patient has one."""
    person = record.person
    born = person.birth_date.year
    if call.caller == "parent" and person.guardians:
        guardian = person.guardians[words[11] % len(person.guardians)]
        sex, index = sex_of(guardian.extension), official_index(guardian.extension)
        if index is not None:
            word = record.world.draws.of(index).section(_PERSON)[_PERSON_GIVEN]
            year = birth_date_of(guardian.extension).year
            return ("Mamma" if sex == "F" else "Pappa"), given_name(born_year=year, sex=sex, word=word)
    sex = "F" if words[11] & 3 else "M"
    year = {"parent": born - 31, "child": born + 29}.get(call.caller, born)
    name = given_name(born_year=max(1930, min(year, 2000)), sex=sex, word=words[12])
    if call.caller == "staff":
        name = f"{name} {surnames().draw(words[13])}"
    return ("Mamma" if sex == "F" else "Pappa"), name


@lru_cache(maxsize=4)
def _permutation(world: World) -> Permutation:
    return world.permutation("call-reference", size=1 << _PLACES)


def reference(world: World, record: Record, call: Call, *, turn: int) -> str:
    """Return a reference like `KB4821-LTRV` that no other text of the world has.

    Person number, year, call and *turn* (0 the note, 1 … 3 its drafts) fill 24 + 5 + 7 + 2 bits, which a
    permutation scatters; the record system's references have another form.
    """
    place = ((record.person.number << 5 | (call.year - _YEARS_FROM)) << 7 | call.place) << 2 | turn
    rest = _permutation(world).forward(place)
    rest, tail = divmod(rest, len(_LETTERS) ** 4)
    head, digits = divmod(rest, 10_000)
    letters = ""
    for _ in range(4):
        tail, letter = divmod(tail, len(_LETTERS))
        letters += _LETTERS[letter]
    first, second = divmod(head, len(_LETTERS))
    return f"{_LETTERS[first]}{_LETTERS[second]}{digits:04}-{letters}"
