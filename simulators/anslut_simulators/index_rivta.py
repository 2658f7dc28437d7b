"""The fake engagement index in RIV-TA: Update 1.0 in SOAP 1.1, as the national index and regional ones take it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from anslut_contracts.errors import CodecError, EnvelopeError
from anslut_contracts.rivta.envelope import (
    MEDIA_TYPE,
    Fault,
    Message,
    read_envelope,
    write_envelope,
    write_fault,
)
from anslut_contracts.rivta.update import UpdateResult, read_update, update_errors, write_result

from anslut_simulators.calls import Answer
from anslut_simulators.index_forms import RefusedUpdateError
from anslut_simulators.problems import ProblemError

if TYPE_CHECKING:
    from anslut_simulators.calls import Call

_CONTENT_TYPE: Final = f"{MEDIA_TYPE}; charset=utf-8"
_METHOD_NOT_ALLOWED: Final = 405


class _UnreadableError(ProblemError):
    """A message that is no SOAP request; *fault_code* is SOAP's word for why."""

    def __init__(self, error: EnvelopeError) -> None:
        super().__init__(400, "malformed", "The message cannot be read", detail=str(error))
        self.fault_code = error.code


class RivtaForm:
    """Takes the updates that are for the index's *owner*.

    What the sender did wrong is answered as the table of Update says: with ResultCode ERROR, or with a fault.
    """

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def read(self, call: Call) -> object:
        """Return the update in the envelope."""
        message = _message(call)
        if message.logical_address != self._owner:
            raise RefusedUpdateError("EI003", "LogicalAddress")
        try:
            update = read_update(message.payload)
        except CodecError as error:
            raise RefusedUpdateError("EI001", str(error)) from None
        self._check_reserved(update)
        return update

    def acknowledge(self) -> Answer:
        """Return ResultCode OK."""
        return _result(UpdateResult(code="OK"))

    def refuse(self, problem: ProblemError) -> Answer:
        """Return ResultCode ERROR with the index's error code, or a fault; neither holds what was sent."""
        if not isinstance(problem, RefusedUpdateError):
            text = problem.title if problem.detail is None else f"{problem.title}: {problem.detail}"
            return _fault(problem, text)
        known = update_errors()[problem.code]
        comment = f"{known.code}: {known.en} ({problem.place})"
        if known.answer == "fault":
            return _fault(problem, comment)
        return _result(UpdateResult(code="ERROR", comment=comment))

    def _check_reserved(self, update: dict[str, Any]) -> None:
        """Refuse the index's own HSA-id as a source: whoever followed it would go round in circles."""
        for number, transaction in enumerate(update["transactions"]):
            for name, code in (("logicalAddress", "EI005"), ("sourceSystem", "EI006")):
                if transaction["engagement"][name] == self._owner:
                    raise RefusedUpdateError(code, f"transactions[{number}].engagement.{name}")


def _message(call: Call) -> Message:
    media_type, _, parameters = call.content_type.partition(";")
    if media_type.strip().lower() != MEDIA_TYPE:
        raise ProblemError(415, "unsupported-media-type", f"Send {MEDIA_TYPE} (SOAP 1.1)")
    charset = parameters.partition("charset=")[2].strip().strip('"') or None
    try:
        message = read_envelope(call.body, charset=charset)
    except EnvelopeError as error:
        raise _UnreadableError(error) from None
    if not isinstance(message, Message):
        raise _UnreadableError(EnvelopeError("a request must not be a fault"))
    return message


def _result(result: UpdateResult) -> Answer:
    return _answer(200, "".join(write_envelope([write_result(result)])))


def _fault(problem: ProblemError, text: str) -> Answer:
    fault = Fault(
        code=problem.fault_code if isinstance(problem, _UnreadableError) else "Client",
        text=text,
        log_id=str(uuid.uuid4()),
        slug=problem.slug,
        status=problem.status,
        retryable=False,
    )
    status = _METHOD_NOT_ALLOWED if problem.status == _METHOD_NOT_ALLOWED else 500
    return _answer(status, write_fault(fault))


def _answer(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), content_type=_CONTENT_TYPE)
