"""XML read with suspicion: no document type, no entities, nothing fetched, within limits.

What an honest sender never sends is refused, not repaired: a document type, a declared encoding that the bytes
contradict, more levels than a message may have. Nothing that was read is ever quoted in an error.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from lxml import etree

from anslut_contracts.errors import UnsafeXmlError

__all__ = ["narrowed", "parse"]

_CODECS: Final = {"utf-8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1", "windows-1252": "cp1252"}
_DECLARED: Final = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CONTROLS: Final = re.compile(rb"[\x80-\x9f]")
_PROLOG: Final = re.compile(r"\A\ufeff?<\?xml\s[^>]*\?>")
_WIDE: Final = {"utf-16", "utf-16le", "utf-16be"}
_WIDE_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def parse(body: bytes, *, charset: str | None = None, deepest: int = 50) -> etree._Element:
    """Return the document's root; *charset* is what the transport said, if anything.

    UTF-8, ISO-8859-1, Windows-1252 and ASCII are read. Raise `UnsafeXmlError`, whose message continues a sentence about
    the document, for anything but a sound one without a document type. Comments and processing instructions are
    left out.
    """
    encoding = _encoding(body, charset)
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise UnsafeXmlError("has a document type, which it must not")
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise UnsafeXmlError("cannot be read as XML") from None
    if _is_deeper(root, deepest):
        raise UnsafeXmlError("is nested too deep")
    return root


def narrowed(body: bytes, *, charset: str | None = None) -> tuple[bytes, str | None]:
    """Return a document and its character set, UTF-8 without prolog when it was UTF-16 with a byte order mark.

    Raise `UnsafeXmlError` when transport or prolog say that it is something else than UTF-16.
    """
    if not body.startswith(_WIDE_MARKS):
        return body, charset
    try:
        text = body.decode("utf-16")
    except UnicodeDecodeError:
        raise UnsafeXmlError("is not in the characters it says") from None
    prolog = _PROLOG.match(text)
    declared = _DECLARED.match(prolog[0].lstrip("\ufeff").encode("ascii", "replace")) if prolog else None
    said = {name.lower() for name in (declared and declared[1].decode(), charset) if name}
    if not said <= _WIDE:
        raise UnsafeXmlError("does not say which characters it is in")
    try:
        return text[prolog.end() if prolog else 0 :].encode(), "utf-8"
    except UnicodeEncodeError:
        raise UnsafeXmlError("is not in the characters it says") from None


def _encoding(body: bytes, charset: str | None) -> str:
    """Return the document's encoding when everything that says one agrees, the bytes themselves too."""
    declared = _DECLARED.match(body.removeprefix(codecs.BOM_UTF8))
    said = {name.lower() for name in (declared and declared[1].decode(), charset) if name}
    if body.startswith(codecs.BOM_UTF8):
        said.add("utf-8")
    if len(said) > 1 or not said <= _CODECS.keys():
        raise UnsafeXmlError("does not say which characters it is in")
    encoding = next(iter(said), "utf-8")
    if b"\x00" in body or not _is_written_in(body, _CODECS[encoding]):
        raise UnsafeXmlError("is not in the characters it says")
    return encoding


def _is_written_in(body: bytes, codec: str) -> bool:
    """Tell whether *body* can be text in *codec*: any bytes are ISO-8859-1, but not any bytes are language."""
    if body.isascii():
        return True
    if codec in {"utf-8", "ascii"}:
        return _decodes(body, codec)
    if _decodes(body, "utf-8"):
        return False  # letters in pairs such as Ã¥: UTF-8 under another name
    return codec != "latin-1" or _CONTROLS.search(body) is None


def _decodes(body: bytes, codec: str) -> bool:
    try:
        body.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _is_deeper(root: etree._Element, limit: int) -> bool:
    level = [root]
    for _ in range(limit):
        level = [child for node in level for child in node]
        if not level:
            return False
    return True
