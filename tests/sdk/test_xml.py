"""XML from a source: sound documents are read, everything else is refused by name and without a word of it."""

from __future__ import annotations

import time

import pytest
from anslut.errors import SourceDataError
from anslut.source.xml import XmlNode, read_xml
from hypothesis import given, settings
from hypothesis import strategies as st

SOURCE = "SE2321000999-V001"
LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?>'
BODY = '<a xmlns="urn:x"><namn>Åsa Öhr</namn><dos nr="2"/><dos nr="3"/><tom/></a>'


def read(body: bytes, charset: str | None = None) -> XmlNode:
    """Return the root."""
    return read_xml(body, charset=charset, source=SOURCE)


def refused(body: bytes, charset: str | None = None) -> str:
    """Return what is said about a document that is not to be read."""
    with pytest.raises(SourceDataError) as caught:
        read(body, charset)
    assert caught.value.source == SOURCE
    return str(caught.value)


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ((LATIN + BODY).encode("latin-1"), None),
        ((LATIN + BODY).encode("latin-1"), "ISO-8859-1"),
        (BODY.encode("latin-1"), "iso-8859-1"),
        (BODY.encode(), None),
        (b"\xef\xbb\xbf" + BODY.encode(), "utf-8"),
        (f'<?xml version="1.0" encoding="utf-8"?>{BODY}'.encode(), None),
        (f'<?xml version="1.0" encoding="windows-1252"?>{BODY}'.encode("cp1252"), None),
    ],
)
def test_every_honest_writing_reads_the_same(body: bytes, charset: str | None) -> None:
    """Swedish letters survive whichever way they were written."""
    root = read(body, charset)

    assert root.value("namn") == "Åsa Öhr"
    assert [dose.number("nr") for dose in root.all("dos")] == [2, 3]


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ((LATIN + BODY).encode(), None),  # UTF-8 under another name: Ã…sa
        (f"{LATIN}<a>Väster</a>".encode(), None),  # the same, without a control character: VÃ¤ster
        (b'<?xml version="1.0" encoding="windows-1252"?>' + "<a>Väster</a>".encode(), None),
        ((LATIN + BODY).encode("cp850"), None),  # a DOS register: the letters are control characters
        ((LATIN + BODY).encode("latin-1"), "utf-8"),  # two names
        (BODY.encode("latin-1"), None),  # Latin-1 that says nothing is UTF-8, and is not
        (BODY.encode("utf-16"), None),
        (BODY.encode("utf-16-le"), None),
        (f'<?xml version="1.0" encoding="UTF-16"?>{BODY}'.encode("utf-16"), "utf-16"),
        (BODY.encode("utf-32"), None),
        (f'<?xml version="1.0" encoding="UTF-7"?>{BODY}'.encode(), None),
        (f'<?xml version="1.0" encoding="EBCDIC-CP-SE"?>{BODY}'.encode(), None),
        (b"\xef\xbb\xbf" + (LATIN + BODY).encode("latin-1"), None),
        (BODY.encode() + b"\x00\x00", None),
    ],
)
def test_characters_that_are_not_what_they_say_are_refused(body: bytes, charset: str | None) -> None:
    """A name that reads wrong is worse than one that does not come."""
    assert "characters" in refused(body, charset)


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "bomb": f'<!DOCTYPE a [<!ENTITY e0 "ha">{ENTITIES}]><a>&e9;</a>',
    "bomb in an attribute": f'<!DOCTYPE a [<!ENTITY e0 "ha">{ENTITIES}]><a b="&e9;"/>',
    "file": '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><a/>',
    "outer subset": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "quadratic": f'<!DOCTYPE a [<!ENTITY q "{"q" * 50_000}">]><a>{"&q;" * 50_000}</a>',
    "half": BODY[:40],
    "two roots": "<a/><b/>",
    "unknown entity": "<a>&auml;</a>",
    "unknown prefix": "<x:a/>",
    "nothing": "",
    "blanks": "   ",
    "json": '{"a": 1}',
    "html": "<html><br></html>",
    "deep": "<a>" * 60 + "</a>" * 60,
    "very deep": "<a>" * 100_000,
    "many attributes": f"<a {' '.join(f'b{n}={chr(34)}{chr(34)}' for n in range(100))} b0=''/>",
    "huge text": f"<a>{'x' * 11_000_000}</a>",
    "huge attribute": f'<a b="{"x" * 11_000_000}"/>',
    "control": "<a>\x0b</a>",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_are_refused_at_once(body: str) -> None:
    """Without swelling, without fetching, and without a word of what stood there."""
    started = time.monotonic()
    said = refused(body.encode())

    assert time.monotonic() - started < 2
    assert not {"root:", "ha", "passwd"} & set(said.split())


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Nothing but the one error ever comes out."""
    assert outcome(body) in {"read", SOURCE}


def outcome(body: bytes) -> str | None:
    """Return `read`, or the source that the refusal names."""
    try:
        read(body)
    except SourceDataError as error:
        return error.source
    return "read"


def test_what_must_be_there_is_asked_for_by_name() -> None:
    """Absent, empty, twice, nested or no number: each is the source's error, and says which field."""
    body = (
        "<a><tom/><tva>1</tva><tva>2</tva><djup>ett<b/>tu</djup><arabiska>٣</arabiska><sju>7</sju>"
        '<n v="12" t="tolv" l="99999999999999999999"/></a>'
    )
    root = read(body.encode())
    number = root.first("n")

    assert number is not None
    assert (root.maybe("saknas"), root.maybe("tom"), number.number("v"), number.number("x")) == (
        None,
        "",
        12,
        None,
    )
    for wrong, field in (
        (lambda: root.value("saknas"), "saknas"),
        (lambda: root.value("tom"), "tom"),
        (lambda: root.value("tva"), "tva"),
        (lambda: root["id"], "id"),
        (lambda: number.number("t"), "t"),
        (lambda: number.number("l"), "l"),
        (lambda: root.whole("arabiska"), "arabiska"),
    ):
        with pytest.raises(SourceDataError, match=field):
            wrong()
    with pytest.raises(SourceDataError):
        root.value("djup")
    assert (root.whole("sju"), root.whole("saknas")) == (7, None)


def test_other_namespaces_are_other_names() -> None:
    """A child in somebody else's namespace is not the child that was asked for."""
    root = read(b'<a xmlns="urn:x" xmlns:y="urn:y"><y:namn>fel</y:namn></a>')

    assert root.maybe("namn") is None
    assert (root.name, root.namespace) == ("a", "urn:x")


def test_a_node_shows_nothing_of_what_it_holds() -> None:
    """It may end up in a log."""
    assert "Åsa" not in repr(read(BODY.encode()))
