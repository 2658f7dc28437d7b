"""What an entry of each information type must say, and by what it is recognised: one module per type.

A module is named after its type (`meaning/laboratory_results.py` for `laboratory-results`) and holds four functions,
those of `Meaning`. None of them knows how a connector works, or the SDK.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from anslut_conformance.errors import ExaminerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_conformance.facts import Fact
    from anslut_conformance.oracle import Expected


class Meaning(Protocol):
    """What the examiner knows of one information type."""

    def owed_identifier(self, one: Expected) -> object:
        """Return what *one* is recognised by beside unit, times and author (a code); None when by nothing."""
        ...

    def identifier(self, header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
        """Return what an entry is recognised by, in the same form."""
        ...

    def occurred(self, header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
        """Return when an entry says that it happened, as it says it."""
        ...

    # A type whose own time is less than a moment (a day) also has `owed_occurred(one)`, in the form of
    # `facts.instant` on what `occurred` returns.

    def facts(
        self,
        one: Expected,
        header: Mapping[str, Any],
        body: Mapping[str, Any],
        related: Mapping[str, set[str]],
    ) -> Iterator[Fact]:
        """Yield (field, owed, got) beside what every header says; *related*: event id to its documentIds."""
        ...


@cache
def meaning(type_name: str) -> Meaning:
    """Return what the examiner knows of *type_name*; raise `ExaminerError` when it knows nothing."""
    name = f"{__package__}.{type_name.replace('-', '_')}"
    try:
        return cast("Meaning", import_module(name))
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ExaminerError(f"the examiner does not know what an entry of {type_name} must say") from None
