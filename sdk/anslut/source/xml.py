"""XML from a source, read with suspicion: no document type, no entities, nothing fetched, within limits.

What an honest source never sends is refused, not repaired: a document type, a declared encoding that the bytes
contradict, more levels or bytes than an answer may have. Nothing that was read is ever quoted in an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from anslut.errors import SourceDataError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENCODINGS: Final = {"utf-8": "utf-8", "us-ascii": "ascii", "iso-8859-1": "latin-1", "windows-1252": "cp1252"}
_DECLARED: Final = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CONTROLS: Final = re.compile(rb"[\x80-\x9f]")
_BOM: Final = b"\xef\xbb\xbf"


class XmlNode:
    """An element, and what is read from it by name, in its own namespace.

    Raise `SourceDataError`, naming the source, for what must be there and is not, or is something else.
    """

    __slots__ = ("_element", "_prefix", "_source")

    def __init__(self, element: etree._Element, *, source: str) -> None:
        """*source* is the HSA-id that errors name."""
        self._element = element
        self._source = source
        tag = str(element.tag)
        self._prefix = tag[: tag.rindex("}") + 1] if "}" in tag else ""

    def __repr__(self) -> str:
        """Name the class only: what it holds belongs in no log."""
        return "<XmlNode>"

    @property
    def name(self) -> str:
        """The element's name without its namespace."""
        return str(self._element.tag)[len(self._prefix) :]

    @property
    def namespace(self) -> str:
        """The element's namespace, empty when it has none."""
        return self._prefix[1:-1]

    @property
    def text(self) -> str:
        """The element's own text, which must be all there is in it."""
        if len(self._element):
            raise self.error("text that is something else")
        return self._element.text or ""

    def children(self) -> list[XmlNode]:
        """Return all children, in order, whatever they are called."""
        return [XmlNode(child, source=self._source) for child in self._element]

    def all(self, name: str) -> Iterator[XmlNode]:
        """Yield the children called *name*, in order."""
        for child in self._element.iterchildren(f"{self._prefix}{name}"):
            yield XmlNode(child, source=self._source)

    def first(self, name: str) -> XmlNode | None:
        """Return the only child called *name*, or None; more than one is an error."""
        found = list(self.all(name))
        if len(found) > 1:
            raise self.error(f"more than one {name}")
        return found[0] if found else None

    def maybe(self, name: str) -> str | None:
        """Return the text of the only child called *name*, or None when there is none."""
        child = self.first(name)
        return None if child is None else child.text

    def value(self, name: str) -> str:
        """Return the text of the only child called *name*, which must be there and not be empty."""
        text = self.maybe(name)
        if not text:
            raise self.error(f"no {name}")
        return text

    def get(self, attribute: str) -> str | None:
        """Return an attribute, or None when it is not there."""
        value = self._element.get(attribute)
        return None if value is None else str(value)

    def __getitem__(self, attribute: str) -> str:
        """Return an attribute, which must be there and not be empty."""
        value = self.get(attribute)
        if not value:
            raise self.error(f"no {attribute}")
        return value

    def number(self, attribute: str) -> int | None:
        """Return a whole number in an attribute, or None when it is not there."""
        return self._whole(attribute, self.get(attribute))

    def whole(self, name: str) -> int | None:
        """Return a whole number in the only child called *name*, or None when there is none."""
        return self._whole(name, self.maybe(name))

    def _whole(self, name: str, text: str | None) -> int | None:
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 19):  # noqa: PLR2004 - what 64 bits hold
            raise self.error(f"a {name} that is no number")
        return int(text)

    def error(self, what: str) -> SourceDataError:
        """Return the error that says *what* the source's answer has, and that names the source."""
        return SourceDataError(f"the source's answer has {what}", source=self._source)


def read_xml(body: bytes, *, charset: str | None = None, source: str, deepest: int = 50) -> XmlNode:
    """Return the document's root; *charset* is what the transport said, if anything.

    Raise `SourceDataError`, naming *source*, for anything but a sound document in UTF-8, ISO-8859-1, Windows-1252
    or ASCII without a document type.
    """
    encoding = _encoding(body, charset, source)
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise SourceDataError("the source's answer has a document type, which it must not", source=source)
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
        raise SourceDataError("the source's answer cannot be read as XML", source=source) from None
    if _is_deeper(root, deepest):
        raise SourceDataError("the source's answer is nested too deep", source=source)
    return XmlNode(root, source=source)


def _encoding(body: bytes, charset: str | None, source: str) -> str:
    """Return the document's encoding when everything that says one agrees, the bytes themselves too."""
    declared = _DECLARED.match(body.removeprefix(_BOM))
    said = {name.lower() for name in (declared and declared[1].decode(), charset) if name}
    if body.startswith(_BOM):
        said.add("utf-8")
    if len(said) > 1 or not said <= _ENCODINGS.keys():
        raise SourceDataError("the source's answer does not say which characters it is in", source=source)
    encoding = next(iter(said), "utf-8")
    if b"\x00" in body or not _is_written_in(body, _ENCODINGS[encoding]):
        raise SourceDataError("the source's answer is not in the characters it says", source=source)
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
