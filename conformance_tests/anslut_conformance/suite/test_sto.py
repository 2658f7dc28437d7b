"""STO: nothing of the record stays behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from anslut_conformance import readings
from anslut_conformance.checks import OK, fail, holds_number, require, some
from anslut_conformance.failures import failed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anslut_simulators.truth import Event

    from anslut_conformance.exam import Exam

_LONG_ENOUGH = 20


def _words(events: Iterable[Event]) -> Iterator[str]:
    """Yield what no file may hold: canaries, whole texts, and what only this person's entries say."""
    for event in events:
        yield from (atom.canary for atom in event.atoms if atom.canary)
        texts = [atom.text for atom in event.atoms]
        if event.content is not None:
            texts += event.content.summary()
        yield from (text for text in texts if len(text) >= _LONG_ENOUGH)
        yield event.id


@pytest.mark.rule("STO-001")
@pytest.mark.observes("files")
def test_no_file_holds_anything_of_the_record(exam: Exam) -> None:
    """No text and no identity of anybody asked about stands in a file the connector wrote."""
    persons = exam.personas("valdsutsatt", "anna-vuxen")
    words: set[str] = set()
    for persona in persons:
        for type_ in exam.types:
            exam.entries(type_, persona.patient_id)
            words |= set(_words(exam.truth(persona.patient_id, type_)))
    readings.tempted(words, "text to look for")
    for path in exam.files():
        try:
            text = path.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue  # gone since it was listed
        # A file may hold the text as JSON has it, with quotes and line feeds escaped.
        found = [word for word in words if word in text or orjson.dumps(word).decode()[1:-1] in text]
        require(
            not found,
            f"the file {path.name} holds text of the record",
            expected="nothing stored",
            got=len(found),
        )
        numbers = [one for persona in persons for one in persona.identities]
        require(not holds_number(text, numbers), f"the file {path.name} holds a person's number")


@pytest.mark.rule("STO-002")
@pytest.mark.lane("quick")
def test_yesterdays_answer_is_never_given(exam: Exam) -> None:
    """The source dies after a good call: the next answer is a problem, not the previous one again."""
    failure = failed(exam, "after a good call")
    entries = failure.reply.json().get("entries") if failure.reply.status == OK else None
    if entries:
        fail(
            f"{failure.type}: the source was gone, and the connector answered from memory",
            expected="a problem",
            got=f"{len(entries)} entries",
            patient=failure.persona.name,
        )


@pytest.mark.rule("STO-003")
@pytest.mark.lane("quick")
def test_replies_may_not_be_stored_on_the_way(exam: Exam) -> None:
    """Every reply to a search says no-store: answers, refusals and failures."""
    persona = exam.persona("anna-vuxen")
    replies = {f"an answer ({type_})": exam.ask(type_, persona.patient_id) for type_ in exam.types}
    replies["a refusal"] = exam.door.search(exam.types[0], {})
    replies["an unknown type"] = exam.door.search("does-not-exist", exam.query(persona.patient_id))
    storable = [
        f"{what}: {reply.headers.get('Cache-Control', '(no Cache-Control)')}"
        for what, reply in replies.items()
        if "no-store" not in reply.headers.get("Cache-Control", "").lower()
    ]
    require(
        not storable, "replies may be stored by whoever carries them", expected="no-store", got=some(storable)
    )
