"""ERR: a failure is told, never hidden as an empty record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from anslut_conformance import checks, readings
from anslut_conformance.checks import OK, document_ids, doubles, fail, holds_number, problem, require, some
from anslut_conformance.failures import failed

if TYPE_CHECKING:
    from anslut_conformance.doors import Reply
    from anslut_conformance.exam import Exam
    from anslut_conformance.persons import Persona

SOURCE_FAILED = frozenset({502, 503, 504})

_MARK = "kvittra"
_OWN_FIELD = "a field of one's own"
_TWO_PAGES = 200
_LONGEST_WAIT_SECONDS = 27.0


def _refusal(reply: Reply, what: str, persona: Persona) -> None:
    """Report an answer where a problem was due, worst first."""
    if reply.status == OK:
        entries = reply.json().get("entries") or []
        fail(
            f"{what}, and the answer was OK with {len(entries)} entries",
            expected="a problem: 502, 503 or 504",
            got=f"{OK} {reply.text()[:120]}",
            patient=persona.name,
        )
    problem(reply, SOURCE_FAILED, f"{what}, and the connector did not say so", patient=persona.name)


@pytest.mark.rule("ERR-001")
@pytest.mark.lane("quick")
@pytest.mark.parametrize("status", [500, 503])
def test_a_failing_source_is_never_an_empty_answer(exam: Exam, status: int) -> None:
    """The source answers with an error: the patient must learn that something could not be fetched."""
    failure = failed(exam, f"status {status}")
    _refusal(failure.reply, f"{failure.type}: the source answered {status}", failure.persona)


@pytest.mark.rule("ERR-002")
@pytest.mark.parametrize("fault", ["truncate", "malformed", "reset"])
def test_a_broken_source_answer_is_an_error(exam: Exam, fault: str) -> None:
    """What could be read of a broken answer is not the record."""
    failure = failed(exam, fault)
    _refusal(failure.reply, f"the source's answer was broken ({fault})", failure.persona)


@pytest.mark.rule("ERR-003")
def test_half_an_answer_is_not_an_ok_answer(exam: Exam) -> None:
    """The source fails on a later page: the entries of the first pages are not the record."""
    readings.many(exam, more_than=_TWO_PAGES)
    failure = failed(exam, "third page")
    if failure.reply.status == OK and "hasMore" in failure.reply.json():
        return  # a partial answer that says so; what follows is judged where partial answers are
    _refusal(failure.reply, "the source failed on its third page", failure.persona)


@pytest.mark.rule("ERR-003")
def test_a_linked_record_that_fails_is_not_left_out(exam: Exam) -> None:
    """One of a person's two linked records cannot be read: the other is not the whole."""
    failure = failed(exam, "linked record")
    whole = readings.read(exam, exam.lead, failure.persona)
    if all(one in whole.comparison.missing for one in whole.expected if one.recorded_under != one.asked):
        return  # a connector that never reads linked records breaks another rule
    _refusal(failure.reply, "the source failed on a linked record", failure.persona)


@pytest.mark.rule("ERR-004")
@pytest.mark.lane("quick")
def test_an_expired_token_is_renewed_silently(exam: Exam) -> None:
    """The source's access token expires: the connector fetches another, and the question is answered."""
    somebody = exam.persona("anna-vuxen")
    before = set(document_ids(exam.entries(exam.lead, somebody.patient_id)))
    with exam.fault("expire-tokens"):
        reply = exam.ask(exam.lead, somebody.patient_id)
    require(
        reply.status == OK and set(document_ids(reply.json()["entries"])) == before,
        "the source's token had expired, and the question was not answered as before",
        expected=f"200 with {len(before)} entries",
        got=f"{reply.status} {reply.text()[:120]}",
        patient=somebody.name,
    )


@pytest.mark.rule("ERR-005")
def test_the_sources_pause_is_respected(exam: Exam) -> None:
    """The source asks for a pause of one second: wait, or say that asking again later can help."""
    reply = failed(exam, "pause of a second").reply
    if reply.status == OK:
        require(
            reply.seconds >= 0.95,  # noqa: PLR2004 - one second, less a little for clocks
            "the source asked for a pause of one second and was asked again before it was over",
            expected="at least 1 s",
            got=f"{reply.seconds:.2f} s",
        )
        return
    document = problem(reply, {429, 503}, "the source asked for a pause, and the connector did not say so")
    require(document.get("retryable") is True, "asking again later would help, and the problem denies it")


@pytest.mark.rule("ERR-005")
def test_a_pause_longer_than_the_time_limit_is_told_at_once(exam: Exam) -> None:
    """The source asks for ten minutes: nobody can wait that long, and nobody is served by silence."""
    reply = failed(exam, "pause of ten minutes").reply
    document = problem(
        reply, {429, 503}, "the source asked for a pause of ten minutes, and the connector did not say so"
    )
    require(document.get("retryable") is True, "asking again later would help, and the problem denies it")


@pytest.mark.rule("ERR-006")
@pytest.mark.lane("quick")
def test_every_error_is_a_problem_document(exam: Exam) -> None:
    """One form for every error, so that the national service can tell them apart and trace them."""
    persona = exam.persona("anna-vuxen")
    body = orjson.dumps(exam.query(persona.patient_id))
    type_ = exam.types[0]
    replies = {
        "an unknown information type": exam.door.search("does-not-exist", body),
        "an unknown path": exam.door.call("POST", "/v1/nowhere", body=b"{}"),
        "GET where POST is due": exam.door.get(f"/v1/{type_}/search"),
        "a body that is not JSON": exam.door.search(type_, b"{"),
        "a query without a person": exam.door.search(type_, {}),
        "another content type": exam.door.search(type_, body, headers={"Content-Type": "text/plain"}),
        "a failing source": failed(exam, "status 500").reply,
    }
    for what, reply in replies.items():
        require(
            reply.headers.get("Content-Type", "").partition(";")[0].strip() == "application/problem+json",
            f"{what} was not answered with a problem document",
            expected="application/problem+json",
            got=reply.headers.get("Content-Type"),
        )
        document = reply.json()
        broken = checks.schema_errors("problem", document)
        require(not broken, f"{what}: the problem document does not follow its schema", got=broken)
        require(
            document["status"] == reply.status,
            f"{what}: the problem says another status than the reply",
            expected=reply.status,
            got=document["status"],
        )


def _hostile(exam: Exam, persona: Persona) -> list[tuple[str, bytes, dict[str, str | None]]]:
    number = persona.patient_id.extension
    good = exam.query(persona.patient_id)
    plain: dict[str, str | None] = {}
    return [
        ("an empty body", b"", plain),
        ("a broken body", b'{"patientId": ', plain),
        ("a body that is not UTF-8", b'{"patientId": "\xff\xfe"}', plain),
        ("a list", b"[]", plain),
        ("a number", b"1e999", plain),
        ("null", b"null", plain),
        ("text", orjson.dumps(f"{_MARK} {number}"), plain),
        ("a person as text", orjson.dumps({"patientId": number}), plain),
        ("a person as a list", orjson.dumps({"patientId": [number]}), plain),
        ("markup as a person", _person(f"<script>{_MARK}</script>"), plain),
        ("SQL as a person", _person(f"' OR 1=1 --{_MARK}"), plain),
        ("a null character", orjson.dumps({**good, "careUnitIds": [f"SE\u0000{_MARK}"]}), plain),
        (_OWN_FIELD, orjson.dumps({**good, _MARK: _MARK}), plain),
        ("a form", f"patientId={number}".encode(), {"Content-Type": "application/x-www-form-urlencoded"}),
        ("no content type", orjson.dumps(good), {"Content-Type": None}),
    ]


def _person(extension: str) -> bytes:
    return orjson.dumps({"patientId": {"root": "1.2.752.129.2.1.3.1", "extension": extension}})


@pytest.mark.rule("ERR-007")
@pytest.mark.lane("quick")
def test_hostile_requests_are_refused_and_not_repeated(exam: Exam) -> None:
    """Rubbish gives 4xx, never 500, and what was sent does not come back."""
    persona = exam.persona("anna-vuxen")
    type_ = exam.types[0]
    for what, body, headers in _hostile(exam, persona):
        reply = exam.door.search(type_, body, headers=headers)
        if what == _OWN_FIELD and reply.status == OK:
            continue  # that it must be refused is another rule
        require(
            400 <= reply.status < 500,  # noqa: PLR2004 - the client's errors
            f"{what} was answered {reply.status}",
            expected="4xx",
            got=f"{reply.status} {reply.text()[:200]}",
        )
        seen = reply.text() + "".join(f"{key}: {value}\n" for key, value in reply.headers.items())
        require(
            _MARK not in seen and not holds_number(seen, persona.identities),
            f"the refusal of {what} repeats what was sent",
            expected="what is wrong and where, not the value",
        )


@pytest.mark.rule("ERR-008")
def test_another_persons_entry_is_stopped(exam: Exam) -> None:
    """The source hands out an entry about somebody else: nobody may see it, and somebody must be told."""
    somebody = exam.persona("rattad")
    with exam.fault("foreign-entry", path=exam.record_calls):
        reply = exam.ask(exam.lead, somebody.patient_id)
    if reply.status == OK:
        own = set(document_ids(readings.read(exam, exam.lead, somebody).entries))
        foreign = [one for one in document_ids(reply.json()["entries"]) if one not in own]
        fail(
            "the source handed out an entry about another person, and "
            + ("it was delivered" if foreign else "nobody was told"),
            expected="a problem: 502",
            got=some(foreign),
            patient=somebody.name,
        )
    problem(
        reply, SOURCE_FAILED, "the source handed out an entry about another person", patient=somebody.name
    )


@pytest.mark.rule("ERR-009")
def test_duplicates_from_the_source_come_once_or_not_at_all(exam: Exam) -> None:
    """The source repeats an entry: every documentId is unique, or the answer is a problem."""
    somebody = exam.persona("anna-vuxen")
    with exam.fault("duplicate-ids", path=exam.record_calls):
        reply = exam.ask(exam.lead, somebody.patient_id)
    if reply.status == OK:
        twice = doubles(document_ids(reply.json()["entries"]))
        require(
            not twice,
            "the same documentId stands twice in one answer",
            got=some(twice),
            patient=somebody.name,
        )
    else:
        problem(reply, SOURCE_FAILED, "the source repeated an entry, and the connector failed oddly")


@pytest.mark.rule("ERR-010")
@pytest.mark.lane("long")
@pytest.mark.seconds(60)
def test_a_silent_source_is_answered_in_time(exam: Exam) -> None:
    """The source never answers: the patient is told so within 27 seconds."""
    somebody = exam.someone("ERR-010")
    with exam.fault("stall", seconds=45, path=exam.record_calls):
        reply = exam.ask(exam.lead, somebody.patient_id)
    require(
        reply.seconds <= _LONGEST_WAIT_SECONDS,
        "the source was silent and the connector with it",
        expected="at most 27 s",
        got=f"{reply.seconds:.1f} s",
    )
    _refusal(reply, "the source was silent", somebody)
