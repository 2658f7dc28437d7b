"""SOAP 1.1 as Vaxreg speaks it: requests read with suspicion, answers in ISO-8859-1, faults that quote nobody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from anslut_simulators.calls import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
NAMESPACE: Final = "urn:vaxreg:tjanster:7"
CONTENT_TYPE: Final = "text/xml; charset=ISO-8859-1"
_LARGEST_BYTES: Final = 65_536
_DEEPEST: Final = 12
_ENCODINGS: Final = frozenset({"utf-8", "iso-8859-1", "us-ascii"})
_DECLARED: Final = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CHARSET: Final = re.compile(r'charset\s*=\s*"?([A-Za-z0-9._-]{1,40})')
_HEAD: Final = f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>'
_ESCAPES: Final = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ('"', "&quot;"),
    ("\n", "&#10;"),
    ("\r", "&#13;"),
    ("\t", "&#9;"),
)
_TAIL: Final = "</s:Body></s:Envelope>"


class FaultError(Exception):
    """An answer that is a SOAP fault."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Request:
    """One operation that was asked for: its *name* and its *fields*, each given once."""

    __slots__ = ("fields", "name")

    def __init__(self, name: str, fields: Mapping[str, str]) -> None:
        self.name = name
        self.fields = fields


def escape(text: str) -> str:
    """Return *text* as it may stand in an element or in an attribute in double quotes."""
    if text.isalnum():
        return text
    for character, written in _ESCAPES:
        text = text.replace(character, written)
    return text


def reply(body: str, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Return *body*, XML without envelope, as an answer."""
    document = f"{_HEAD}{body}{_TAIL}".encode("iso-8859-1", "replace")
    return Answer(status, document, headers, CONTENT_TYPE)


def fault(
    code: str, text: str, *, status: int = 500, headers: tuple[tuple[str, str], ...] = ()
) -> FaultError:
    """Return the fault *code* (`Client.…` or `Server.…`) with a Swedish explanation; SOAP 1.1 wants status 500."""
    body = f"<s:Fault><faultcode>s:{code}</faultcode><faultstring>{escape(text)}</faultstring></s:Fault>"
    return FaultError(reply(body, status=status, headers=headers))


def read_request(body: bytes, content_type: str) -> Request:
    """Return what a request asks for; raise `FaultError` for anything that is not one, whatever it is."""
    if len(body) > _LARGEST_BYTES:
        raise fault("Client.ForStort", "Anropet är för stort", status=413)
    if b"\x00" in body or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise fault("Client.Teckenkodning", "Anropet ska vara i ISO-8859-1 eller UTF-8")
    if b"<!" in body:
        raise fault("Client.Xml", "Anropet får inte ha någon dokumenttyp, kommentar eller CDATA-sektion")
    declared = _DECLARED.match(body.lstrip(b"\xef\xbb\xbf"))
    inside = declared[1].decode().lower() if declared else None
    charset = _CHARSET.search(content_type)
    outside = charset[1].lower() if charset else None
    if not {inside, outside} - {None} <= _ENCODINGS or (inside and outside and inside != outside):
        raise fault("Client.Teckenkodning", "Anropets teckenkodning är okänd, eller anges på två olika sätt")
    parser = etree.XMLParser(
        encoding=inside or outside or "utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise fault("Client.Xml", "Anropet kan inte läsas som XML") from None
    return _request(root)


def _request(root: etree._Element) -> Request:
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise fault("VersionMismatch", "Anropet är inget SOAP 1.1-kuvert")
    bodies = [child for child in root if child.tag == f"{{{ENVELOPE}}}Body"]
    if len(bodies) != 1 or len(bodies[0]) != 1 or _is_deep(root):
        raise fault("Client.Kuvert", "Kuvertet ska ha en Body med ett enda element")
    for header in root.findall(f"{{{ENVELOPE}}}Header/*"):
        if header.get(f"{{{ENVELOPE}}}mustUnderstand") == "1":
            raise fault("MustUnderstand", "Vaxreg förstår inga SOAP-huvuden")
    asked = bodies[0][0]
    space, _, name = str(asked.tag).removeprefix("{").rpartition("}")
    if space != NAMESPACE:
        raise fault("Client.Operation", "Vaxreg har ingen sådan operation")
    fields: dict[str, str] = {}
    for child in asked:
        tag = str(child.tag)
        field = tag.removeprefix(f"{{{NAMESPACE}}}")
        if field == tag or field in fields or len(child):
            raise fault("Client.Parameter", "Varje parameter anges högst en gång, i Vaxregs namnrymd")
        fields[field] = (child.text or "").strip()
    return Request(name, fields)


def _is_deep(root: etree._Element) -> bool:
    level = [root]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in node]
        if not level:
            return False
    return True
