"""SOAP envelopes: what RIV-TA demands is read, everything else is refused without being repeated."""

from __future__ import annotations

import pytest
from anslut_contracts.errors import EnvelopeError
from anslut_contracts.rivta.envelope import Fault, Message, read_envelope, write_envelope, write_fault
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

MARK = "kvittra"
ADDRESS = "SE2321000999-K001"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
RIGHT = "".join(write_envelope(["<a xmlns='urn:a'>å&lt;</a>"], logical_address=ADDRESS))


def test_a_message_comes_back_as_it_was() -> None:
    """One element in the body, and whom it is for."""
    found = read_envelope(RIGHT.encode(), charset="UTF-8")

    assert isinstance(found, Message)
    assert (found.logical_address, found.payload.tag, found.payload.text) == (ADDRESS, "{urn:a}a", "å<")


@pytest.mark.parametrize("charset", [None, "utf-16"])
@pytest.mark.parametrize("prolog", ["UTF-16", None])
def test_a_message_may_be_utf_16(charset: str | None, prolog: str | None) -> None:
    """RIV-TA allows it; few send it."""
    text = RIGHT.replace("UTF-8", prolog) if prolog else RIGHT.partition("\n")[2]

    found = read_envelope(text.encode("utf-16"), charset=charset)

    assert isinstance(found, Message)
    assert found.payload.text == "å<"


@given(
    text=st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
    ),
    log_id=st.uuids().map(str),
    retryable=st.booleans(),
    after=st.one_of(st.none(), st.integers(0, 10_000)),
)
def test_a_fault_comes_back_as_it_was(text: str, log_id: str, retryable: bool, after: int | None) -> None:  # noqa: FBT001
    """What a fault says reaches whoever asked."""
    fault = Fault(
        code="Server",
        text=text.strip(),
        log_id=log_id,
        slug="source-timeout",
        status=504,
        retryable=retryable,
        retry_after_seconds=after,
        source=ADDRESS,
    )

    assert read_envelope(write_fault(fault).encode()) == fault


def test_a_fault_of_somebody_else_is_read_as_far_as_it_goes() -> None:
    """Other producers know nothing of our detail."""
    raw = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault><faultcode>s:Client</faultcode>'
        "<faultstring>VP004 nej</faultstring><detail><x>1</x></detail></s:Fault></s:Body></s:Envelope>"
    )

    assert read_envelope(raw.encode()) == Fault(code="Client", text="VP004 nej")


def _head(inner: str) -> str:
    return RIGHT.replace("<soap:Header>", f"<soap:Header>{inner}")


REGISTRY = 'xmlns="urn:riv:itintegration:registry:1"'
WRONG: dict[str, tuple[bytes, str | None, str, str]] = {
    "no XML": (MARK.encode(), None, "Client", "cannot be read as XML"),
    "nothing": (b"", None, "Client", "cannot be read as XML"),
    "cut off": (RIGHT.encode()[:-20], None, "Client", "cannot be read as XML"),
    "document type": (
        RIGHT.replace("\n", f"<!DOCTYPE a [<!ENTITY x '{MARK}'>]>").encode(),
        None,
        "Client",
        "document type",
    ),
    "other charset": (RIGHT.encode(), "iso-8859-1", "Client", "which characters"),
    "unknown charset": (RIGHT.encode(), "ebcdic", "Client", "which characters"),
    "not the UTF-8 it says": (
        RIGHT.encode().replace("å".encode(), b"\xe5"),
        None,
        "Client",
        "not in the characters",
    ),
    "UTF-16 that says UTF-8": (RIGHT.encode("utf-16"), None, "Client", "which characters"),
    "half a UTF-16": (
        RIGHT.replace("UTF-8", "UTF-16").encode("utf-16")[:-1],
        None,
        "Client",
        "not in the characters",
    ),
    "deep": (RIGHT.replace("å&lt;", "<x>" * 60 + "</x>" * 60).encode(), None, "Client", "nested too deep"),
    "very deep": (
        RIGHT.replace("å&lt;", "<x>" * 9_000 + "</x>" * 9_000).encode(),
        None,
        "Client",
        "cannot be read",
    ),
    "SOAP 1.2": (
        RIGHT.replace(SOAP, "http://www.w3.org/2003/05/soap-envelope").encode(),
        None,
        "VersionMismatch",
        "SOAP 1.1",
    ),
    "no envelope": (b"<a/>", None, "Client", "SOAP 1.1"),
    "no body": (f'<s:Envelope xmlns:s="{SOAP}"/>'.encode(), None, "Client", "one header and one body"),
    "two bodies": (
        RIGHT.replace("</soap:Body>", "</soap:Body><soap:Body/>").encode(),
        None,
        "Client",
        "one body",
    ),
    "body first": (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><a/></s:Body><s:Header/></s:Envelope>'.encode(),
        None,
        "Client",
        "one header and one body",
    ),
    "something beside the body": (
        RIGHT.replace("<soap:Body>", "<x/><soap:Body>").encode(),
        None,
        "Client",
        "one header and one body",
    ),
    "two elements": (
        RIGHT.replace("</soap:Body>", "<b/></soap:Body>").encode(),
        None,
        "Client",
        "one element",
    ),
    "none": (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{MARK}</s:Body></s:Envelope>'.encode(),
        None,
        "Client",
        "one element",
    ),
    "two addresses": (
        _head(f"<LogicalAddress {REGISTRY}>{MARK}</LogicalAddress>").encode(),
        None,
        "Client",
        "more than once",
    ),
    "empty address": (RIGHT.replace(ADDRESS, " ").encode(), None, "Client", "empty or too long"),
    "long address": (RIGHT.replace(ADDRESS, MARK * 20).encode(), None, "Client", "empty or too long"),
    "must understand": (
        _head(f'<x xmlns="urn:x" soap:mustUnderstand="1">{MARK}</x>').encode(),
        None,
        "MustUnderstand",
        "must be understood",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_message_is_refused_and_not_repeated(what: str) -> None:
    """The message says what is wrong, never with what."""
    body, charset, code, said = WRONG[what]

    with pytest.raises(EnvelopeError, match=said) as caught:
        read_envelope(body, charset=charset)
    assert caught.value.code == code
    assert MARK not in str(caught.value)


def test_headers_of_others_are_passed_over() -> None:
    """Platforms put their own blocks beside the address, also such as others have to understand."""
    text = _head(
        '<x xmlns="urn:x" soap:mustUnderstand="0">1</x><y soap:mustUnderstand="1" soap:actor="urn:z"/>'
    )

    found = read_envelope(text.encode())

    assert isinstance(found, Message)
    assert found.logical_address == ADDRESS


def test_an_answer_has_no_header() -> None:
    """Only questions say whom they are for."""
    text = "".join(write_envelope(["<a/>"]))

    assert etree.fromstring(text.encode())[0].tag == f"{{{SOAP}}}Body"
    assert read_envelope(text.encode()) is not None
