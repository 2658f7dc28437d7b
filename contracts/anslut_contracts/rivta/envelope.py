"""SOAP 1.1 as RIV-TA BP 2.1 has it: one `LogicalAddress` in the header, one element in the body, or a fault.

Form only: which mistake is answered by what is the door's matter, by each contract's table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from xml.sax.saxutils import escape

from lxml import etree

from anslut_contracts.errors import EnvelopeError, UnsafeXmlError
from anslut_contracts.safe_xml import narrowed, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["MEDIA_TYPE", "Fault", "FaultCode", "Message", "read_envelope", "write_envelope", "write_fault"]

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
REGISTRY: Final = "urn:riv:itintegration:registry:1"
PROBLEM: Final = "urn:anslut:problem:1"
MEDIA_TYPE: Final = "text/xml"
FaultCode = Literal["Client", "Server", "VersionMismatch", "MustUnderstand"]
_LONGEST_ADDRESS: Final = 64
_NEXT: Final = "http://schemas.xmlsoap.org/soap/actor/next"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What an envelope carries: *payload* is the one element of its body, *logical_address* whom it is for."""

    payload: etree._Element
    logical_address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A SOAP fault; *code* is without its prefix.

    What follows the text stands only in faults that say so as ours do: the problem's *slug* and HTTP *status*, whether
    asking again may help, and when.
    """

    code: str
    text: str
    log_id: str | None = None
    slug: str | None = None
    status: int | None = None
    retryable: bool | None = None
    retry_after_seconds: int | None = None
    source: str | None = None


def read_envelope(body: bytes, *, charset: str | None = None) -> Message | Fault:
    """Return what *body* carries; *charset* is what the transport said.

    Raise `EnvelopeError` for what is no SOAP 1.1 envelope with one element in its body. Whether there has to be a
    logical address is for the reader to say: answers have none.
    """
    try:
        body, charset = narrowed(body, charset=charset)  # RIV-TA allows UTF-16 too
        root = parse(body, charset=charset)
    except UnsafeXmlError as error:
        raise EnvelopeError(f"the message {error}") from None
    if root.tag != f"{{{SOAP}}}Envelope":
        is_other_soap = etree.QName(root).localname == "Envelope"
        raise EnvelopeError(
            "the message is not a SOAP 1.1 envelope", code="VersionMismatch" if is_other_soap else "Client"
        )
    parts = {etree.QName(part).localname: part for part in root if part.tag.startswith(f"{{{SOAP}}}")}
    if "Body" not in parts or len(root) != len(parts) or len(parts) > 2 or root[-1] is not parts["Body"]:  # noqa: PLR2004 - Header and Body
        raise EnvelopeError("the envelope has something else than one header and one body")
    if len(parts["Body"]) != 1:
        raise EnvelopeError("the body must hold one element")
    payload = parts["Body"][0]
    if payload.tag == f"{{{SOAP}}}Fault":
        return _fault(payload)
    return Message(payload=payload, logical_address=_logical_address(parts.get("Header")))


def _logical_address(header: etree._Element | None) -> str | None:
    found = []
    for block in () if header is None else header:
        if block.tag == f"{{{REGISTRY}}}LogicalAddress":
            found.append((block.text or "").strip())
        elif block.get(f"{{{SOAP}}}mustUnderstand") in {"1", "true"} and block.get(
            f"{{{SOAP}}}actor", _NEXT
        ) in {"", _NEXT}:
            raise EnvelopeError("a header block must be understood and is not", code="MustUnderstand")
    if len(found) > 1:
        raise EnvelopeError("LogicalAddress stands more than once in the header")
    if found and not 0 < len(found[0]) <= _LONGEST_ADDRESS:
        raise EnvelopeError("LogicalAddress in the header is empty or too long")
    return found[0] if found else None


def _fault(element: etree._Element) -> Fault:
    code = (element.findtext("faultcode") or "").strip().rpartition(":")[2]
    said = {etree.QName(part).localname: part.text or "" for part in element.iterfind(f".//{{{PROBLEM}}}*")}
    return Fault(
        code=code,
        text=(element.findtext("faultstring") or "").strip(),
        log_id=said.get("logId"),
        slug=said.get("type"),
        retryable=said["retryable"] == "true" if "retryable" in said else None,
        status=_whole(said.get("status", "")),
        retry_after_seconds=_whole(said.get("retryAfterSeconds", "")),
        source=said.get("source"),
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def write_envelope(pieces: Iterable[str], *, logical_address: str | None = None) -> Iterator[str]:
    """Yield an envelope around *pieces*, the text of one element; requests have a *logical_address*."""
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{SOAP}">'
    if logical_address is not None:
        address = f'<LogicalAddress xmlns="{REGISTRY}">{escape(logical_address)}</LogicalAddress>'
        yield f"<soap:Header>{address}</soap:Header>"
    yield "<soap:Body>"
    yield from pieces
    yield "</soap:Body></soap:Envelope>"


def write_fault(fault: Fault) -> str:
    """Return a whole envelope with *fault*; what it says besides SOAP's own parts stands in `detail`."""
    said = {
        "type": fault.slug,
        "status": fault.status,
        "logId": fault.log_id,
        "retryable": None if fault.retryable is None else str(fault.retryable).lower(),
        "retryAfterSeconds": fault.retry_after_seconds,
        "source": fault.source,
    }
    told = "".join(
        f"<p:{name}>{escape(str(value))}</p:{name}>" for name, value in said.items() if value is not None
    )
    detail = f'<detail><p:problem xmlns:p="{PROBLEM}">{told}</p:problem></detail>' if told else ""
    element = (
        f"<soap:Fault><faultcode>soap:{fault.code}</faultcode>"
        f"<faultstring>{escape(fault.text)}</faultstring>{detail}</soap:Fault>"
    )
    return "".join(write_envelope([element]))
