"""Generated calls to 1177 on the phone: how many, and that what belongs together hangs together."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from anslut_simulators.histories.calendar import DAY, wall_seconds
from anslut_simulators.histories.call_plan import Call, calls_of
from anslut_simulators.histories.calls import call_contacts, call_notes, contact_id
from anslut_simulators.histories.record import Record
from anslut_simulators.population import default_population
from anslut_simulators.truth.care_contacts import CareContact

if TYPE_CHECKING:
    from anslut_simulators.population.people import Person
    from anslut_simulators.truth import Event

POPULATION = default_population()
REGION = POPULATION.regions["fjallmark"]
NOW = wall_seconds(POPULATION.world.clock_start)
YEARS = range(2018, 2023)


@cache
def people() -> list[Person]:
    """Return some people, of the stratum that has the country's ages."""
    return POPULATION.sample(1500, region="fjallmark", stratum="scale")


@cache
def calls(person: Person) -> tuple[Call, ...]:
    """Return the person's planned calls."""
    return calls_of(POPULATION.world, REGION, person, 2023)


def record(person: Person) -> Record:
    """Return the person's record in the telephone advice system."""
    return Record(POPULATION.world, REGION, person, system="radgivning", last_year=2023)


def notes(person: Person, now: int = NOW) -> list[Event]:
    """Return the person's notes and drafts."""
    return list(call_notes(record(person), now))


def test_there_are_as_many_calls_as_published() -> None:
    """About 0.4 a year per inhabitant; about four in ten end in self-care advice."""
    lived = sum(max(0, 2023 - max(2018, person.birth_date.year + 1)) for person in people())
    found = [call for person in people() for call in calls(person) if call.year in YEARS]

    assert 0.35 < len(found) / lived < 0.45
    assert 0.35 < sum(call.ending.level == "blue" for call in found) / len(found) < 0.5
    assert 0.25 < sum(call.visit is not None for call in found) / len(found) < 0.45


def test_a_call_that_leads_to_a_visit_comes_before_it_with_a_matching_reason() -> None:
    """Hours before, not days; and the reason is one that the visit's diagnosis is about."""
    led = [call for person in people() for call in calls(person) if call.visit is not None]

    assert len(led) > 100
    for call in led:
        assert call.visit is not None
        assert 0 < call.visit.start - call.end < DAY
        assert call.visit.courses[0].code in call.reason.courses


def test_no_call_lies_in_the_hour_that_the_clocks_change_in() -> None:
    """Neither its start, its end nor when its note was saved."""
    hours = Counter(
        time % DAY // 3600
        for person in people()
        for call in calls(person)
        for time in (call.start, call.end, call.saved)
        if call.is_saved
    )

    assert hours[2] == 0
    assert hours[18] > hours[13]


def test_every_note_belongs_to_a_call_and_is_signed_when_it_is_saved() -> None:
    """Closing a call signs its note; only a student's waits for the supervisor."""
    waited = 0
    for person in people()[:400]:
        contacts = {event.id: event for event in call_contacts(record(person), NOW)}
        for event in notes(person):
            contact = contacts[event.care_contact_id or ""]
            assert contact.occurred_at == event.occurred_at
            assert contact.unit == event.unit
            if event.state == "draft":
                assert event.signature is None
            elif event.signature is None or event.signature.time != event.author.time:
                waited += not event.revisions
    assert waited < 20


def test_drafts_come_before_the_note_and_hold_what_the_note_does_not() -> None:
    """Each has a token of its own; the saved note has none of them."""
    drafts = 0
    for person in people()[:400]:
        written = notes(person)
        saved = {event.care_contact_id: event for event in written if event.state != "draft"}
        for draft in written:
            if draft.state != "draft":
                continue
            drafts += 1
            (token,) = [atom.canary for atom in draft.atoms if atom.canary]
            note = saved.get(draft.care_contact_id)
            if note is not None:
                first = note.revisions[0] if note.revisions else note.author.time
                assert draft.author.time < first
                assert token not in str(note.atoms)
    assert drafts > 200


def test_who_calls_for_somebody_else_is_told_under_an_excluded_keyword_only() -> None:
    """The caller's name and reference stand nowhere else in the note."""
    others = 0
    for person in people()[:600]:
        for event in notes(person):
            for atom in event.atoms:
                if atom.reason == "third-person":
                    others += 1
                    assert atom.path == ("Vem ringer", "Tredje person")
                    assert atom.canary is not None
                    assert atom.canary in atom.text
                    rest = [one.text for one in event.atoms if one is not atom]
                    assert not any(atom.canary in text for text in rest)
                else:
                    assert "Mamma" not in atom.text
                    assert "Pappa" not in atom.text
    assert others > 50


def test_children_do_not_call_themselves() -> None:
    """A parent does, and hardly anybody else."""
    callers = Counter(call.caller for person in people() for call in calls(person) if call.age < 13)

    assert callers["self"] == 0
    assert callers["parent"] > 50


def test_no_two_notes_are_alike_by_accident() -> None:
    """Some thousand saved notes, and no reference twice."""
    texts: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    for person in people():
        for event in notes(person):
            tokens.update(atom.canary for atom in event.atoms if atom.canary)
            if event.state == "entered":
                texts["|".join(atom.text for atom in event.atoms)] += 1

    assert len(texts) > 3000
    assert [count for count in texts.values() if count > 1] == []
    assert max(tokens.values()) == 1


def test_a_call_goes_on_until_it_ends() -> None:
    """The contact is there from its first second, without an end until there is one."""
    person, call = next(
        (person, call)
        for person in people()
        for call in calls(person)
        if call.is_saved and call.removed > NOW
    )

    def contact(now: int) -> CareContact:
        found = {event.id: event for event in call_contacts(record(person), now)}
        return found[contact_id(call)].holding(CareContact)

    assert contact(call.start).status == "ongoing"
    assert contact(call.start).end is None
    assert contact(call.end).status == "ended"
    assert contact(call.end).end is not None


def test_a_later_year_changes_nothing_that_was() -> None:
    """What is planned for 2024 only adds calls."""
    person = next(person for person in people() if len(calls(person)) > 3)
    later = calls_of(POPULATION.world, REGION, person, 2024)

    assert later[: len(calls(person))] == calls(person)
