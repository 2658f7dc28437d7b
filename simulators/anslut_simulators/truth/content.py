"""What an event of one information type says, and which module says it.

Each information type has a module here, named after it (`truth/laboratory_results.py` for
`laboratory-results`), that sets `CONTENT`: a kind of `Content`, or `None` where the atoms say everything.
A new type is a new module.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, ClassVar, Self, cast

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_TYPES = frozenset({"__init__", "content", "event"})


class Content(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an event holds beside what every event has.

    Subclasses are frozen, hold standard codes and aware datetimes in whole seconds, and override what the
    simulators must know of the type: a believable sample, what can become final, what a keyword can hide,
    and how it reads in Swedish.
    """

    countersigned: ClassVar[bool] = False
    """Whether a recipient verifies it (vidimering)."""

    hides: ClassVar[bool] = True
    """Whether somebody can decide that the patient must not see it."""

    @classmethod
    def sample(cls, event_id: str, now: datetime) -> Self:
        """Return what a tester's new entry says when the tester does not: believable, and true of anybody."""
        raise NotImplementedError(f"{cls.__name__} has no sample for {event_id} at {now:%Y-%m-%d}")

    @property
    def keywords(self) -> tuple[str, ...]:
        """The keywords (sökord) above it, outermost first, where the type is registered under any."""
        return ()

    def under(self, *keywords: str) -> Self:
        """Return it registered under *keywords*, where the type can be; else as it is."""
        del keywords
        return self

    @property
    def is_final(self) -> bool | None:
        """Whether it is final; None where the type knows nothing preliminary."""
        return None

    def finalised(self) -> Self:
        """Return the final version of something preliminary."""
        return self

    @property
    def knows_hour(self) -> bool:
        """Whether the record knows the hour of what happened, and not its day alone."""
        return True

    def times(self) -> Iterator[datetime]:
        """Yield every time that it names."""
        return _times(self)

    def summary(self) -> Iterator[str]:
        """Yield lines that tell it in Swedish, for `anslut population show`."""
        yield from ()


@cache
def content_types() -> tuple[str, ...]:
    """Return the information types that the simulators can hold, in order of name."""
    names = (entry.name.removesuffix(".py") for entry in files(__package__).iterdir())
    return tuple(sorted(name.replace("_", "-") for name in names if not _is_shared(name)))


def _is_shared(name: str) -> bool:
    return name in _NO_TYPES or not name.isidentifier() or name.startswith("_")


@cache
def content_kind(type_name: str) -> type[Content] | None:
    """Return what events of *type_name* hold; None for a type of atoms alone, or one nobody knows."""
    if type_name not in content_types():
        return None
    module = import_module(f"{__package__}.{type_name.replace('-', '_')}")
    return cast("type[Content] | None", module.CONTENT)


def _times(thing: object) -> Iterator[datetime]:

    if isinstance(thing, datetime):
        yield thing
    elif isinstance(thing, tuple):
        for one in thing:
            yield from _times(one)
    elif isinstance(thing, msgspec.Struct):
        for name in thing.__struct_fields__:
            yield from _times(getattr(thing, name))
