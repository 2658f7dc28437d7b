"""The steps that a mapping table is made into for reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lxml import etree

from anslut_contracts.errors import LocalTimeError
from anslut_contracts.rivta.forms import NOTHING
from anslut_contracts.rivta.places import PlaceError
from anslut_contracts.rivta.tables import ITSELF, ONLY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

    from anslut_contracts.rivta.forms import Form

__all__ = [
    "Fill",
    "Read",
    "constant",
    "description",
    "either",
    "into",
    "leaf",
    "nothing",
    "sequence",
    "value",
]

Fill = Callable[["Element", dict[str, Any]], None]
"""Read an element, or what is in it, into a value."""
Read = Callable[["Element"], Any]
"""Return what an element stands for."""
_SELF = ITSELF[0]
_UNKNOWN = "{place} has an element that is unknown or out of order"


def sequence(
    rows: Sequence[tuple[str, str, Fill]], *, required: set[str], many: set[str], known: tuple[str, ...]
) -> Fill:
    """Return the step that reads the children of an element: *rows* are their tags and names, in their order.

    Which of them are *required* or *many* is by tag. Elements of *known* namespaces have to be in *rows*.
    """
    order = {tag: (1 << number, name, tag in many, fill) for number, (tag, name, fill) in enumerate(rows)}
    needed = sum(1 << number for number, (tag, _, _) in enumerate(rows) if tag in required)

    def fill(element: Element, value: dict[str, Any]) -> None:
        if (text := element.text) and text.strip():
            raise PlaceError("{place} has text beside its elements")
        seen = 0
        for child in element:
            if (text := child.tail) and text.strip():
                raise PlaceError("{place} has text beside its elements")
            found = order.get(child.tag)
            if found is None:
                _unexpected(child, known)
                continue
            bit, name, is_many, take = found
            if seen >= bit and (not is_many or seen >= bit << 1):
                raise _misplaced(name, is_later=seen >= bit << 1)
            seen |= bit
            try:
                take(child, value)
            except PlaceError as error:
                raise error.within(name) from None
        if seen & needed != needed:
            missing = needed & ~seen
            raise PlaceError("{place} is missing", rows[(missing & -missing).bit_length() - 1][1])

    return fill


def _misplaced(name: str, *, is_later: bool) -> PlaceError:
    return PlaceError(_UNKNOWN) if is_later else PlaceError("{place} stands more than once", name)


def _unexpected(child: Element, known: tuple[str, ...]) -> None:
    """Pass over comments and others' extensions; raise `PlaceError` for anything else."""
    if child.tag is etree.Entity:
        raise PlaceError("{place} has an entity that was not replaced")
    if isinstance(child.tag, str) and (not child.tag.startswith("{") or child.tag.startswith(known)):
        raise PlaceError(_UNKNOWN)


def constant(text: str) -> Fill:
    """Return the step of an element that always has the same text."""

    def read(element: Element, _: dict[str, Any]) -> None:
        if _text(element).strip() != text:
            raise PlaceError(f"{{place}} must be {text}")

    return read


def nothing(_: Element, __: dict[str, Any]) -> None:
    """Read nothing."""


def description(fill: Fill, tag: str, *, form: Form, path: tuple[str, ...]) -> Fill:
    """Return *fill*, followed by the check that what the element *tag* says of another one fits that one."""

    def read(element: Element, value: dict[str, Any]) -> None:
        fill(element, value)
        said, item = element.find(tag), value
        for name in path:
            item = item[name]
        if said is not None and _text(said) != form.write(item):
            raise PlaceError("{place} does not fit what it describes", etree.QName(tag).localname)

    return read


def either(tag: str, *, first: Fill, second: Fill) -> Fill:
    """Return the step that does *first* with an element if *tag* stands beside it, else *second*."""

    def read(element: Element, value: dict[str, Any]) -> None:
        parent = element.getparent()
        is_first = parent is not None and parent.find(tag) is not None
        (first if is_first else second)(element, value)

    return read


def leaf(form: Form, name: str) -> Read:
    """Return the step that reads an element of text, of a form called *name*."""
    read, may_be_empty = form.read, form.may_be_empty

    def read_text(element: Element) -> object:
        text = _text(element)
        if not text and not may_be_empty:
            raise PlaceError("{place} is empty")
        try:
            return read(text)
        except (ValueError, LocalTimeError):
            raise PlaceError(f"{{place}} cannot be read as {name}") from None

    return read_text


def value(fill: Fill) -> Read:
    """Return the step that reads a value of its own."""

    def read(element: Element) -> object:
        found: dict[str, Any] = {}
        fill(element, found)
        return found.get(_SELF, found)

    return read


def into(path: tuple[str, ...], read: Read, *, many: bool, weak: bool) -> Fill:
    """Return the step that puts what an element stands for at *path*.

    What stands twice must be the same; a *weak* one does not matter then.
    """
    *outer, last = path
    last = last.removesuffix(ONLY)

    def put(element: Element, value: dict[str, Any]) -> None:
        item = read(element)
        if item is NOTHING:
            return
        for name in outer:
            if name.endswith(ONLY):
                value = value.setdefault(name.removesuffix(ONLY), [{}])[0]
            else:
                value = value.setdefault(name, {})
        if many:
            value.setdefault(last, []).append(item)
            return
        item = [item] if path[-1].endswith(ONLY) else item
        if value.setdefault(last, item) != item and not weak:
            raise PlaceError("{place} is not what another element says")

    return put


def _text(element: Element) -> str:
    """Return an element's text, without comments; raise `PlaceError` for other elements in it."""
    if not len(element):
        return element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            raise PlaceError("{place} must hold text only")
        if child.tag is etree.Entity:
            raise PlaceError("{place} has an entity that was not replaced")
    return (element.text or "") + "".join(child.tail or "" for child in element)
