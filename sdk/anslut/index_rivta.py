"""Telling the engagement index in RIV-TA: Update 1.0, SOAP 1.1, for the logical address of the index's owner."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from anslut_contracts.errors import CodecError, EnvelopeError
from anslut_contracts.rivta.envelope import MEDIA_TYPE, Fault, Message, read_envelope, write_envelope
from anslut_contracts.rivta.update import UpdateResult, read_result, soap_action, write_update

from anslut.errors import IndexRefusedError, SettingsError, SourceDataError
from anslut.logs import get_logger
from anslut.redaction import redact
from anslut.source import SourceClient
from anslut.source import reply as replies

if TYPE_CHECKING:
    from collections.abc import Sequence

    import requests

    from anslut.settings import Settings
    from anslut.source.reply import SourceReply

_LONGEST_ADDRESS: Final = 64
_LARGEST_ANSWER: Final = 1_000_000
_LONGEST_COMMENT: Final = 300
_CODE: Final = re.compile(r"\s*(EI[0-9]{3})(?![0-9A-Za-z])")
_log = get_logger("anslut.index")


class RivtaForm:
    """Calls Update at exactly the index's address."""

    def __init__(self, settings: Settings, *, url: str) -> None:
        """*url* is the index's address as HTTP has it."""
        self._owner = _owner(settings)
        self._client = _UpdateClient(
            url,
            source=settings.source_system_ids[0],
            ca_file=settings.ca_file,
            client_certificate=settings.client_certificate,
            headers={"Accept": MEDIA_TYPE, "SOAPAction": f'"{soap_action()}"'},
        )

    def post(self, transactions: Sequence[dict[str, Any]]) -> None:
        """Return when the index has kept all *transactions*; what it says beside that is logged."""
        update = write_update({"transactions": transactions})
        envelope = "".join(write_envelope(update, logical_address=self._owner))
        content = (f"{MEDIA_TYPE}; charset=utf-8", envelope.encode())
        result: UpdateResult = self._client.ask("POST", "", content=content, read=_read).document
        if result.code == "ERROR":
            raise _refusal(result.comment or "", source=self._client.source)
        if result.code == "INFO" or result.comment:
            _log.info(
                "the index has taken the update, and says something about it",
                result=result.code,
                comment=_shown(result.comment or ""),
            )


class _UpdateClient(SourceClient):
    """A client for which a fault is a refusal, whatever status it comes with."""

    def _failure_document(self, response: requests.Response, body: bytes) -> Fault | None:
        try:
            found = _envelope(response, body)
        except EnvelopeError:
            return None  # from something on the way, which does not speak SOAP
        return found if isinstance(found, Fault) else None

    def _meaning(self, reply: SourceReply) -> Exception:
        if isinstance(reply.document, Fault):
            return _refusal(reply.document.text, source=self.source)
        return super()._meaning(reply)


def _owner(settings: Settings) -> str:
    owner = settings.index_logical_address or ""
    if not owner:
        raise SettingsError(
            "ANSLUT_INDEX_LOGICAL_ADDRESS is not set: an index that is told in RIV-TA is addressed by the HSA-id or"
            " organisation number of its owner"
        )
    if len(owner) > _LONGEST_ADDRESS or not owner.isprintable():
        raise SettingsError(
            f"ANSLUT_INDEX_LOGICAL_ADDRESS must be one line of at most {_LONGEST_ADDRESS} characters"
        )
    return owner


def _read(response: requests.Response, source: str) -> UpdateResult:
    """Return the index's answer; raise when it is none, or a fault that calls itself a success."""
    body = replies.read(response, largest_bytes=_LARGEST_ANSWER, source=source)
    try:
        found = _envelope(response, body)
        if isinstance(found, Message):
            return read_result(found.payload)
    except (EnvelopeError, CodecError):
        raise SourceDataError("the index's answer is not that of an update", source=source) from None
    raise _refusal(found.text, source=source)


def _envelope(response: requests.Response, body: bytes) -> Message | Fault:
    media_type, _, parameters = response.headers.get("Content-Type", "").partition(";")
    if media_type.strip().lower() != MEDIA_TYPE:
        raise EnvelopeError("the answer is not XML")
    return read_envelope(body, charset=parameters.partition("charset=")[2].strip().strip('"') or None)


def _refusal(text: str, *, source: str) -> IndexRefusedError:
    code = _CODE.match(text)
    return IndexRefusedError(
        "the index did not take the update",
        code=code[1] if code else None,
        comment=_shown(text),
        source=source,
    )


def _shown(text: str) -> str:
    """Return what may be logged of other people's text: numbers are taken out first, for a cut one is not seen."""
    return redact(text)[:_LONGEST_COMMENT]
