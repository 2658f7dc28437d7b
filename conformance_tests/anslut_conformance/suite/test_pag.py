"""PAG: partial answers give together everything, once, whatever happens meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anslut_conformance import fields, readings, writings
from anslut_conformance.checks import document_ids, doubles, holds_number, problem, require, some
from anslut_conformance.errors import NotObservedError

if TYPE_CHECKING:
    from anslut_conformance.exam import Exam

MANY = "manga-poster"

#: So many entries fit into one answer, and into one page of a source that gives the most.
_ONE_ANSWER = 500
_ONE_PAGE = 100


def _first(exam: Exam) -> dict[str, Any]:
    """Return the first answer about somebody with over a thousand entries, or stop when it was the whole."""
    document: dict[str, Any] = readings.many(exam, more_than=_ONE_ANSWER).replies[0].json()
    if "hasMore" not in document:
        raise NotObservedError(
            "anslutningen svarade med allt på en gång, så det finns inget delsvar att pröva"
        )
    return document


@pytest.mark.rule("PAG-001")
def test_partial_answers_give_together_everything_once(exam: Exam) -> None:
    """Following hasMore loses nothing on the way and gives nothing twice."""
    reading = readings.many(exam, more_than=_ONE_ANSWER)
    twice = doubles(document_ids(reading.entries))
    require(not twice, f"{len(twice)} entries came twice", got=some(twice), patient=MANY)
    times = [fields.order_time(exam.lead, entry) for entry in reading.entries]
    readings.tempted(times, "entries of somebody with many")
    first, last = min(times, key=str), max(times, key=str)
    lost = [one for one in reading.comparison.missing if str(first) <= str(one.occurred_at) <= str(last)]
    require(
        not lost,
        f"{len(lost)} entries were lost between the partial answers",
        expected=some(one.occurred_at.isoformat() for one in lost),
        got=f"{len(reading.entries)} entries in all",
        patient=MANY,
    )


@pytest.mark.rule("PAG-002")
def test_a_reference_belongs_to_its_query_and_names_nobody(exam: Exam) -> None:
    """The reference holds no identity, and is refused when altered or used with another query."""
    persona = exam.persona(MANY)
    reference = _first(exam)["hasMore"]["reference"]
    require(
        not holds_number(reference, persona.identities),
        "the reference holds the person's number in readable form",
        expected="nothing that can be read",
        patient=MANY,
    )
    other = exam.persona("anna-vuxen").patient_id
    reply = exam.ask(exam.lead, other, has_more_reference=reference)
    problem(reply, {422}, "a reference was accepted in a question about another person", patient="anna-vuxen")
    reply = exam.ask(
        exam.lead, persona.patient_id, has_more_reference=reference, care_unit_ids=["SE2321000999-A1001"]
    )
    problem(reply, {422}, "a reference was accepted with another filter than it was given for", patient=MANY)
    middle = len(reference) // 2
    altered = reference[:middle] + ("A" if reference[middle] != "A" else "B") + reference[middle + 1 :]
    for wrong in (altered, "0", "10", "page2"):
        reply = exam.ask(exam.lead, persona.patient_id, has_more_reference=wrong)
        problem(reply, {422}, "an altered or made-up reference was accepted", patient=MANY)


@pytest.mark.rule("PAG-003")
def test_partial_answers_bear_that_entries_are_added(exam: Exam) -> None:
    """An entry entered between two partial answers makes no other entry lost or doubled."""
    persona = exam.persona(MANY)
    _first(exam)
    undisturbed = [
        set(document_ids(reply.json()["entries"]))
        for reply in readings.read(exam, exam.lead, persona).replies
    ]
    pages = exam.pages(exam.lead, persona.patient_id)
    first = set(document_ids(next(pages)["entries"]))
    added = writings.write(exam, persona, exam.lead)
    try:
        second = set(document_ids(next(pages)["entries"]))
    finally:
        writings.change(exam, persona, added, "remove")
    twice = first & second
    require(
        not twice, f"{len(twice)} entries came twice after an entry was added", got=some(twice), patient=MANY
    )
    lost = (undisturbed[0] | undisturbed[1]) - first - second
    require(
        not lost, f"{len(lost)} entries were lost after an entry was added", expected=some(lost), patient=MANY
    )


@pytest.mark.rule("PAG-004")
@pytest.mark.lane("quick")
def test_the_sources_pages_are_read_to_the_end(exam: Exam) -> None:
    """More entries than the source gives at a time are all there."""
    reading = readings.many(exam, more_than=_ONE_PAGE)
    owed = reading.expected[_ONE_PAGE:]
    lost = [one for one in owed if one in reading.comparison.missing]
    require(
        len(lost) * 2 < len(owed),
        f"of the {len(reading.expected)} entries in the source only {len(reading.entries)} were delivered",
        expected=len(reading.expected),
        got=len(reading.entries),
        patient=MANY,
    )
