"""The steps that a mapping table is made into for writing: each appends text, and knows its tags beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from anslut_contracts.errors import LocalTimeError
from anslut_contracts.rivta.places import PlaceError
from anslut_contracts.rivta.tables import ONLY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "Path",
    "Step",
    "at",
    "closed",
    "constant",
    "element",
    "group",
    "leaf",
    "leaf_field",
    "many",
    "sequence",
    "text_field",
]

Step = Callable[[Any, list[str]], bool]
"""Append what a value has for some rows, and say whether anything but constants was written."""
Path = tuple[str, ...]


def sequence(steps: Sequence[tuple[str | None, Step, str | None]]) -> Step:
    """Return the step that does *steps* in their order.

    Each comes with the one field that it is about, if it is one, and the element that is missed without it.
    """

    def write(value: Any, out: list[str]) -> bool:  # noqa: ANN401 - JSON of any shape
        wrote, missing = False, None
        for name, step, needed in steps:
            if (name is None or name in value) and step(value, out):
                wrote = True
            elif needed and missing is None:
                missing = needed
        if missing is not None and wrote:
            raise PlaceError(f"needs {missing} in {{place}}")
        return wrote

    return write


def constant(tag: str, text: str) -> Step:
    """Return the step of an element that always has the same text: alone, it is nothing."""

    def write(_: object, out: list[str]) -> bool:
        out.append(f"<{tag}>{text}</{tag}>")
        return False

    return write


def leaf(tag: str, write_text: Callable[[object], str], *, form: str) -> Step:
    """Return the step of an element of text."""
    opening, closing = f"<{tag}>", f"</{tag}>"

    def write(value: object, out: list[str]) -> bool:
        try:
            out.append(f"{opening}{write_text(value)}{closing}")
        except (ValueError, LocalTimeError):
            raise PlaceError(f"{{place}} cannot be written as {form}") from None
        return True

    return write


def leaf_field(name: str, tag: str, *, write_text: Callable[[object], str], form: str) -> Step:
    """Return the step of an element of text that is one field: what most steps are, so it is one call."""
    opening, closing = f"<{tag}>", f"</{tag}>"

    def write(value: Any, out: list[str]) -> bool:  # noqa: ANN401 - JSON of any shape
        if name not in value:
            return False
        try:
            out.append(f"{opening}{write_text(value[name])}{closing}")
        except (ValueError, LocalTimeError):
            raise PlaceError(f"{{place}} cannot be written as {form}", name) from None
        return True

    return write


def text_field(name: str, tag: str, *, write_text: Callable[[object], str], form: str) -> Step:
    """Return the step of `leaf_field` for text that is written as it is: what needs no escaping costs no call."""
    otherwise = leaf_field(name, tag, write_text=write_text, form=form)
    opening, closing = f"<{tag}>", f"</{tag}>"

    def write(value: Any, out: list[str]) -> bool:  # noqa: ANN401 - JSON of any shape
        text = value.get(name)
        if (
            text.__class__ is str
            and text
            and text.isprintable()  # no control characters, no surrogates and no noncharacters
            and "&" not in text
            and "<" not in text
            and ">" not in text
        ):
            out.append(f"{opening}{text}{closing}")
            return True
        return otherwise(value, out)

    return write


def or_absent(step: Step, tag: str, *, absent: str) -> Step:
    """Return *step*; where there is nothing for it, the element has the text that says so, which alone is nothing."""
    nothing = f"<{tag}>{absent}</{tag}>"

    def write(value: object, out: list[str]) -> bool:
        if step(value, out):
            return True
        out.append(nothing)
        return False

    return write


def unless(step: Step, leaves: Callable[[object], bool]) -> Step:
    """Return *step*, but not for values that another element writes."""

    def write(value: object, out: list[str]) -> bool:
        return not leaves(value) and step(value, out)

    return write


def element(tag: str, inside: Step) -> Step:
    """Return the step of an element with others in it, of which there has to be one."""
    opening, closing = f"<{tag}>", f"</{tag}>"

    def write(value: object, out: list[str]) -> bool:
        out.append(opening)
        if not inside(value, out):
            raise PlaceError("needs a value in {place}")
        out.append(closing)
        return True

    return write


def group(tag: str, inside: Step, *, always: bool) -> Step:
    """Return the step of an element that only groups others: without any of them it is written *always* or not."""
    opening, closing = f"<{tag}>", f"</{tag}>"

    def write(value: object, out: list[str]) -> bool:
        before = len(out)
        out.append(opening)
        wrote = inside(value, out)
        if wrote or always:
            out.append(closing)
        else:
            del out[before:]
        return wrote

    return write


def many(one: Step) -> Step:
    """Return the step that does *one* with every item of a list, which has to have some."""

    def write(value: object, out: list[str]) -> bool:
        if not isinstance(value, list) or not value:
            raise PlaceError("needs a list with something in it in {place}")
        for number, item in enumerate(value):
            try:
                one(item, out)
            except PlaceError as error:
                raise error.within(number) from None
        return True

    return write


def at(path: Path, then: Step, *, name: str) -> Step:
    """Return the step that does *then* with what stands at *path*, if anything does, for the element *name*."""
    if len(path) == 1 and not path[0].endswith(ONLY):
        return _field(path[0], then)

    fields = [(field.removesuffix(ONLY), field.endswith(ONLY)) for field in path]

    def write(value: Any, out: list[str]) -> bool:  # noqa: ANN401 - JSON of any shape
        for field, is_only in fields:
            if field not in value:
                return False
            value = value[field]
            if is_only:
                if not isinstance(value, list) or len(value) != 1:
                    raise PlaceError(f"has no place for more than one {name}, as in {{place}}", *path)
                value = value[0]
        try:
            return then(value, out)
        except PlaceError as error:
            raise error.within(*path) from None

    return write


def _field(name: str, then: Step) -> Step:
    def write(value: Any, out: list[str]) -> bool:  # noqa: ANN401 - JSON of any shape
        if name not in value:
            return False
        try:
            return then(value[name], out)
        except PlaceError as error:
            raise error.within(name) from None

    return write


def closed(step: Step, paths: Iterable[Path]) -> Step:
    """Return *step*, after a check that the value is an object with nothing in it outside of *paths*."""
    return _closed(step, _tree(paths))


def _closed(step: Step, fields: Mapping[str, Any]) -> Step:
    names = frozenset(name.removesuffix(ONLY) for name in fields)
    checks = [at((name,), _closed(_nothing, below), name=name) for name, below in fields.items() if below]

    def write(value: object, out: list[str]) -> bool:
        if not isinstance(value, (dict, Mapping)) or not value:  # dict first: asking for Mapping is slow
            raise PlaceError("needs a value in {place}")
        if not names.issuperset(value):
            raise PlaceError("has no place for a field in {place}")
        for check in checks:
            check(value, out)
        return step(value, out)

    return write


def _nothing(_: object, __: list[str]) -> bool:
    return False


def _tree(paths: Iterable[Path]) -> dict[str, Any]:
    """Return the fields that *paths* begin with, each with what they say of it further in."""
    fields: dict[str, Any] = {}
    for path in paths:
        node = fields
        for name in path:
            node = node.setdefault(name, {})
    return fields
