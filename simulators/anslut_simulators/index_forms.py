"""The forms in which the fake engagement index is told: what is the same in both, and the JSON form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import msgspec
import orjson

from anslut_simulators.calls import Answer
from anslut_simulators.problems import CONTENT_TYPE, ProblemError, malformed

if TYPE_CHECKING:
    from anslut_simulators.calls import Call

#: What a connector can be told to use.
FormName = Literal["json", "rivta"]


class RefusedUpdateError(ProblemError):
    """An update that is not taken: *code* is the national index's own for it, *detail* names the place."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(422, "invalid-query", "The request does not fit", detail=detail)
        self.code = code
        self.place = detail


class IndexForm(Protocol):
    """How an update comes, and how it is answered; what is in it is judged elsewhere, alike for all forms."""

    def read(self, call: Call) -> object:
        """Return the update of *call* as JSON values, not judged; raise `ProblemError` when it cannot be read."""
        ...

    def acknowledge(self) -> Answer:
        """Return the answer to an update that was kept."""
        ...

    def refuse(self, problem: ProblemError) -> Answer:
        """Return the answer to one that was not."""
        ...


class JsonForm:
    """`POST /v1/engagements`."""

    def read(self, call: Call) -> object:
        """Return the JSON document."""
        if not call.content_type.startswith("application/json"):
            raise ProblemError(415, "unsupported-media-type", "Send application/json")
        try:
            document: object = msgspec.json.decode(call.body)
        except (msgspec.DecodeError, RecursionError, ValueError):
            raise malformed("Send JSON in UTF-8") from None
        return document

    def acknowledge(self) -> Answer:
        """Return `{"result": "OK"}`."""
        return Answer(200, orjson.dumps({"result": "OK"}))

    def refuse(self, problem: ProblemError) -> Answer:
        """Return the problem."""
        return Answer(problem.status, problem.body(), content_type=CONTENT_TYPE)
