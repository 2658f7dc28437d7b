"""SEC: who may ask, and what leaks to those who may not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson
import pytest

from anslut_conformance.checks import OK, fail, holds_number, problem, require
from anslut_conformance.failures import failed

if TYPE_CHECKING:
    from anslut_conformance.doors import Reply
    from anslut_conformance.exam import Exam

_INSIDE = {
    "a stack trace": re.compile(r"Traceback|File \"|\bat [\w.$]+\([\w.]+:\d+\)|Exception in"),
    "a path in the file system": re.compile(
        r"(?<![\w/.:])/(?:home|usr|var|opt|tmp|root|etc|srv)/[\w.-]+|[A-Z]:\\\w+"
    ),
    "an address inside": re.compile(r"https?://(?:127\.|10\.|192\.168\.|localhost)[\w.:/-]*|/s/[\w-]+/\w+/"),
}
_VERSION = re.compile(r"\d+\.\d+")


@pytest.mark.rule("SEC-001")
@pytest.mark.lane("quick")
@pytest.mark.observes("authentication")
def test_without_a_token_there_is_no_answer(exam: Exam) -> None:
    """A search without proof of who calls gives 401 and no entries."""
    persona = exam.persona("anna-vuxen")
    for type_ in exam.types:
        for what, headers in (
            ("no token", {}),
            ("something that is no token", {"Authorization": "Basic YTpi"}),
        ):
            reply = exam.door.search(type_, exam.query(persona.patient_id), token=None, headers=headers)
            problem(reply, {401}, f"{type_}: a search with {what} was not refused", patient=persona.name)


@pytest.mark.rule("SEC-002")
@pytest.mark.observes("authentication")
@pytest.mark.parametrize("token", ["expired", "wrong-audience", "wrong-key", "alg-none", "not.a.token"])
def test_an_invalid_token_is_refused(exam: Exam, token: str) -> None:
    """A token that is expired, for somebody else, signed by somebody else, or not signed, opens nothing."""
    persona = exam.persona("anna-vuxen")
    reply = exam.door.search(exam.types[0], exam.query(persona.patient_id), token=token)
    problem(reply, {401}, f"a token that is {token} was accepted", patient=persona.name)


def _headers(reply: Reply) -> str:
    return "".join(f"{key}: {value}\n" for key, value in reply.headers.items())


@pytest.mark.rule("SEC-003")
@pytest.mark.lane("quick")
def test_no_identity_stands_in_the_wrong_place(exam: Exam) -> None:
    """No person's number in headers, in errors, or in metrics."""
    persona = exam.persona("anna-vuxen")
    good = exam.ask(exam.types[0], persona.patient_id)
    require(
        not holds_number(_headers(good), persona.identities),
        "a header of an answer holds the person's number",
        patient=persona.name,
    )
    failure = failed(exam, "after a good call")
    wrong = exam.ask(exam.types[0], persona.patient_id, source_system_id="SE2321000999-X999")
    for what, reply in (("a failure", failure.reply), ("a refusal", wrong)):
        if reply.status == OK:
            continue  # whether it must fail is another rule
        require(
            not holds_number(_headers(reply) + reply.text(), persona.identities),
            f"{what} holds the person's number",
            patient=persona.name,
        )
    for path in ("/metrics", "/health/live", "/health/ready", "/v1/connector"):
        reply = exam.door.get(path)
        require(not holds_number(reply.text(), persona.identities), f"GET {path} holds a person's number")


@pytest.mark.rule("SEC-004")
@pytest.mark.lane("quick")
def test_nothing_about_the_inside_leaks(exam: Exam) -> None:
    """Errors tell no stack trace, path, inner address or secret; no header tells the server's version."""
    somebody = exam.someone("SEC-004")
    body = exam.query(somebody.patient_id)
    replies = {
        "a failing source": failed(exam, "status 500").reply,
        "a broken source answer": failed(exam, "malformed").reply,
        "a refusal": exam.ask(exam.types[0], somebody.patient_id, source_system_id="SE2321000999-X999"),
        "an unknown path": exam.door.get("/v1/nowhere"),
        "an unknown type": exam.door.search("does-not-exist", orjson.dumps(body)),
        "an answer": exam.ask(exam.types[0], somebody.patient_id),
    }
    secret = exam.settings.get("ANSLUT_SOURCE_CLIENT_SECRET") or "\0"
    for what, reply in replies.items():
        text = _headers(reply) + ("" if reply.status == OK else reply.text())
        for name, pattern in _INSIDE.items():
            found = pattern.search(text)
            if found:
                fail(f"the reply to {what} tells {name}", got=found.group()[:80])
        require(secret not in text, f"the reply to {what} tells the source's client secret")
        server = reply.headers.get("Server", "")
        require(_VERSION.search(server) is None, "the Server header tells a version", got=server)
