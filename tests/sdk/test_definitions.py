"""A connector class that breaks the rules is refused when it is defined, not when a resident logs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anslut import RecordConnector, Settings
from anslut.connector import Connector
from anslut.errors import ConnectorDefinitionError
from anslut.kinds import kinds

if TYPE_CHECKING:
    from anslut import Changes

TEXTS = {"product": "P", "vendor": "V", "version": "1", "system": "kosmos"}


def define(base: type = RecordConnector, **members: Any) -> type:
    """Define a connector class as it should be, but for *members* (`None` leaves one out)."""
    readers = dict.fromkeys(kinds()["record"].owes.values(), lambda _self, _query: [])
    chosen = {name: member for name, member in {**TEXTS, **readers, **members}.items() if member is not None}
    return type(base)("Mine", (base,), chosen)


def test_a_connector_that_lacks_a_reader_cannot_be_made() -> None:
    """Python says which one is missing."""
    mine = define(read_diagnoses=None)

    with pytest.raises(TypeError, match="read_diagnoses"):
        mine(Settings())


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"product": None}, "product"),
        ({"vendor": " "}, "vendor"),
        ({"search": lambda *_: {}}, "overrides search"),
        ({"read": lambda *_: []}, "overrides read"),
        ({"manifest": lambda *_: {}}, "overrides manifest"),
        ({"read_diagnosis": lambda *_: []}, "did you mean read_diagnoses"),
        ({"capabilities": frozenset({"index-updates"})}, "has no read_changes"),
        ({"capabilities": frozenset({"flying"})}, "unknown capability"),
        ({"read_changes": lambda *_: None}, 'capabilities = frozenset({"index-updates"})'),
    ],
)
def test_a_class_that_breaks_a_rule_is_refused(members: dict[str, Any], message: str) -> None:
    """The message says what to change."""
    with pytest.raises(ConnectorDefinitionError) as caught:
        define(**members)

    assert message in str(caught.value)


def test_an_async_reader_is_refused() -> None:
    """It would return a coroutine that nobody waits for."""

    async def read(_self: object, _query: object) -> list[object]:
        return []

    with pytest.raises(ConnectorDefinitionError, match="async"):
        define(read_diagnoses=read)


def test_a_connector_needs_a_kind() -> None:
    """Nobody can say what a connector without kind owes."""
    with pytest.raises(ConnectorDefinitionError, match="RecordConnector"):
        define(Connector)


def test_a_subclass_of_an_authors_class_inherits_what_it_declared() -> None:
    """A variant of a good connector is one too."""

    def read_changes(_self: object, _position: str | None) -> Changes:
        raise AssertionError

    mine = define(capabilities=frozenset({"index-updates"}), read_changes=read_changes)

    class Variant(mine):  # type: ignore[misc, valid-type]  # made above
        def read_diagnoses(self, _query: object) -> list[object]:
            return []

    assert Variant.capabilities == frozenset({"index-updates"})
