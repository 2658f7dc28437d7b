"""Referrals of the record system: steps in order, units that exist, and a visit at the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from anslut_contracts.code_lists import code_list
from anslut_simulators.population import default_population
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth.care_contacts import CareContact
from anslut_simulators.truth.referral_status import Referral

if TYPE_CHECKING:
    from datetime import datetime

    from anslut_simulators.population.people import Person
    from anslut_simulators.truth import Event

POPULATION = default_population()
NOW = POPULATION.world.clock_start
PEOPLE = POPULATION.sample(1200, region="fjallmark", stratum="scale", label="referrals")
ORDER = (
    "sent",
    "received",
    "assessed",
    "waiting",
    "booked",
    "done",
    "answered",
    "answer-received",
    "rejected",
    "struck-out",
)


def _referrals(person: Person, until: datetime = NOW) -> dict[str, list[Event]]:
    found = defaultdict(list)
    for event in POPULATION.history(person, "referral-status", system="kosmos", until=until):
        found[event.holding(Referral).referral].append(event)
    return found


def test_every_wording_stands_in_a_course() -> None:
    """The table's words are those of the notes."""
    texts = "".join(str(read_table(name)) for name in ("courses_acute.toml", "courses_chronic.toml"))

    assert [row["text"] for row in read_table("referrals.toml")["said"] if row["text"] not in texts] == []


def test_steps_come_in_order_and_once() -> None:
    """Sent first, each step after the one before, written down within minutes by the unit that took it."""
    ends: Counter[str] = Counter()
    for person in PEOPLE:
        for events in _referrals(person).values():
            said = [event.holding(Referral) for event in events]
            places = [ORDER.index(one.status) for one in said]
            assert places[0] == 0
            assert places == sorted(set(places))
            assert [one.time for one in said] == sorted(one.time for one in said)
            for event, one in zip(events, said, strict=True):
                assert timedelta() <= event.occurred_at - one.time < timedelta(minutes=20)
                outside = one.status in {"sent", "answer-received", "struck-out"}
                assert event.unit.hsa_id == (one.sender if outside else one.receiver).hsa_id
            ends[said[-1].status] += 1
    assert ends["answer-received"] > 40
    assert all(ends[status] for status in ("rejected", "struck-out", "sent"))


def test_a_referral_leads_to_a_visit_at_the_unit_that_has_it() -> None:
    """What was booked is a care contact there, which is over when the referral says that it is done."""
    visits = 0
    for person in PEOPLE:
        contacts = POPULATION.history(person, "care-contacts", system="kosmos", until=NOW)
        for events in _referrals(person).values():
            booked = [event for event in events if event.holding(Referral).status == "booked"]
            for event in booked:
                there = [
                    contact
                    for contact in contacts
                    if contact.unit == event.unit
                    and contact.occurred_at > event.holding(Referral).time
                    and contact.holding(CareContact).status in {"booked", "ongoing", "ended"}
                ]
                assert there, (person.number, event.id)
                if any(one.holding(Referral).status == "done" for one in events):
                    assert there[0].holding(CareContact).status == "ended"
                visits += 1
    assert visits > 40


def test_the_clock_brings_the_next_step() -> None:
    """Half a year later nothing has been forgotten, and something has been added."""
    added = 0
    for person in PEOPLE[:500]:
        later = _referrals(person, NOW + timedelta(days=180))
        for number, events in _referrals(person).items():
            assert later[number][: len(events)] == events
            added += len(later[number]) - len(events)
    assert added > 3


def test_public_codes_are_those_of_the_contract() -> None:
    """And the made-up ones are told apart from them."""
    known = code_list("referral-statuses").texts
    for status in ORDER:
        code = Referral.sample("X", NOW)
        told = Referral(
            referral="X",
            status=status,  # type: ignore[arg-type]
            time=NOW,
            receiver=code.receiver,
            sender=code.sender,
            referrer="X",
        ).status_code
        assert known.get(told.code or "", told.display_name) == told.display_name
        assert told.code in known or int(told.code or "0") > 900
