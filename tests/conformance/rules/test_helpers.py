"""What checks lean on: a helper that sees nothing would let every connector through."""

from __future__ import annotations

import base64

import pytest
from anslut_conformance import checks, json_schema, readings
from anslut_conformance.doors import Reply
from anslut_conformance.errors import ExaminerError, Finding
from anslut_simulators.truth import Identity

NUMBER = "198405142384"
ANNA = Identity(root="1.2.752.129.2.1.3.1", extension=NUMBER)


def reply(status: int, body: bytes = b"{}") -> Reply:
    """Return a reply as a door would."""
    return Reply(status=status, headers={}, body=body, seconds=0.0)


@pytest.mark.parametrize(
    "text",
    [
        f"asked about {NUMBER}",
        "840514-2384",
        "8405142384",
        "840514+2384",
        "19840514-2384",
        base64.b64encode(f'{{"person": "{NUMBER}"}}'.encode()).decode(),
        base64.urlsafe_b64encode(f"??{NUMBER}>>".encode()).decode().rstrip("="),
    ],
)
def test_a_number_is_found_however_it_is_written(text: str) -> None:
    """Leaks do not announce themselves: with a separator, with ten digits, or as base64."""
    assert checks.holds_number(text, [ANNA])


@pytest.mark.parametrize("text", ["", "198405142383", "log id 7a4d8166-6e9c-4119-82fe-cbaf84bf4a46"])
def test_other_texts_hold_no_number(text: str) -> None:
    """A log id is no leak."""
    assert not checks.holds_number(text, [ANNA])


def test_a_reply_of_another_status_is_a_finding() -> None:
    """What was due and what came stand side by side."""
    with pytest.raises(Finding) as caught:
        checks.problem(reply(200, b'{"entries": []}'), {502, 503}, "the source failed")

    assert (caught.value.expected, caught.value.got) == ("502 or 503", '200 {"entries": []}')


def test_a_problem_of_the_right_status_is_returned() -> None:
    """The check goes on with what the problem says."""
    assert checks.problem(reply(502, b'{"status": 502}'), {502}, "x") == {"status": 502}


@pytest.mark.parametrize(
    ("status", "body", "form", "is_nothing"),
    [
        (200, b'{"entries": []}', "json", True),
        (200, b'{"entries": []}', "rivta", True),
        (403, b"{}", "json", True),
        (502, b"{}", "rivta", True),
        (502, b"{}", "json", False),
        (200, b'{"entries": [{}]}', "json", False),
        (200, b'{"entries": [{}]}', "rivta", False),
        (200, b"[]", "json", False),
        (200, b"{}", "json", False),
    ],
)
def test_nothing_is_no_entries_or_a_refusal(status: int, body: bytes, form: str, *, is_nothing: bool) -> None:
    """In JSON a refusal has a word of its own; a source that is down is another matter."""
    assert checks.gives_nothing(reply(status, body), form=form) is is_nothing


def test_nothing_to_be_tempted_by_is_our_own_fault() -> None:
    """A check that passes because the world is empty would be worse than none."""
    with pytest.raises(ExaminerError, match="no drafts"):
        readings.tempted([], "drafts")

    assert readings.tempted(range(2), "drafts") == [0, 1]


def test_doubles_are_named_once() -> None:
    """Three of the same is one thing to report."""
    assert checks.doubles(["a", "b", "a", "a"]) == ["a"]


def test_the_second_validator_refuses_what_the_contract_does_not_know() -> None:
    """Two validators that agree on everything because one is asleep would be one validator."""
    validator = json_schema.validator("diagnoses")

    assert not validator.is_valid({"header": {}, "body": {"typeOfDiagnosis": "Huvuddiagnos", "x": 1}})
