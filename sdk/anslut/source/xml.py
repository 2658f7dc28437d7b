"""XML from a source, read with suspicion (see `anslut_contracts.safe_xml`); nothing read is quoted in an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut_contracts.errors import UnsafeXmlError
from anslut_contracts.safe_xml import parse

from anslut.errors import SourceDataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree


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
    try:
        root = parse(body, charset=charset, deepest=deepest)
    except UnsafeXmlError as error:
        raise SourceDataError(f"the source's answer {error}", source=source) from None
    return XmlNode(root, source=source)
