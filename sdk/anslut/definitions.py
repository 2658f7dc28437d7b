"""Rules for connector classes, held against a class when it is defined."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import anslut_contracts

from anslut.errors import ConnectorDefinitionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anslut.connector import Connector

_TEXTS = ("product", "vendor", "version", "system")
_FINAL = ("search", "read", "manifest")
_OPTIONAL = {"read_changes": "index-updates"}
_SDK = "anslut.connector"
EXAMPLE = "subclass a connector of its kind, such as RecordConnector"


def owe_readers(cls: type[Connector]) -> None:
    """Give *cls* one abstract method for each information type its kind owes."""
    for type_name, reader in cls.kind.owes.items():
        if reader not in vars(cls):
            setattr(cls, reader, _abstract_reader(cls, type_name, reader))


def _abstract_reader(cls: type[Connector], type_name: str, reader: str) -> Callable[..., Any]:
    def read(self: Connector, _query: object) -> object:
        raise ConnectorDefinitionError(
            f"{type(self).__name__}.{reader} is abstract; it was called with super()"
        )

    read.__name__ = reader
    read.__qualname__ = f"{cls.__qualname__}.{reader}"
    english = anslut_contracts.information_types()[type_name].en
    read.__doc__ = f"Yield the person's entries of {type_name} ({english}), in any order."
    read.__isabstractmethod__ = True  # type: ignore[attr-defined]  # what abc.abstractmethod sets
    return read


def served(cls: type[Connector]) -> Mapping[str, str]:
    """Return the types that *cls* has a reader for, those that its kind owes first; `None` is no reader."""
    types = {**cls.kind.owes, **cls.kind.may}
    return MappingProxyType(
        {name: reader for name, reader in types.items() if callable(getattr(cls, reader, None))}
    )


def check(cls: type[Connector]) -> None:
    """Raise `ConnectorDefinitionError` when *cls* breaks the rules; abstract ones may lack texts."""
    if not hasattr(cls, "kind"):
        raise ConnectorDefinitionError(f"{cls.__name__} must be a connector of a kind: {EXAMPLE}")
    for name in _FINAL:
        if name in vars(cls):
            raise ConnectorDefinitionError(f"{cls.__name__} overrides {name}, which the SDK keeps")
    _check_readers(cls)
    _check_capabilities(cls)
    owed = cls.kind.owes.values()
    if any(getattr(getattr(cls, reader), "__isabstractmethod__", False) for reader in owed):
        return
    if not served(cls):
        raise ConnectorDefinitionError(f"{cls.__name__} reads nothing at all")
    for name in _TEXTS:
        value = getattr(cls, name, None)
        if not isinstance(value, str) or not value.strip():
            raise ConnectorDefinitionError(f'{cls.__name__} must say what it is: {name} = "…"')


def _check_readers(cls: type[Connector]) -> None:
    known = {*cls.kind.owes.values(), *cls.kind.may.values(), *_OPTIONAL}
    for name, member in vars(cls).items():
        if not name.startswith("read_"):
            continue
        if name not in known:
            raise ConnectorDefinitionError(
                f"{cls.__name__}.{name} is called by nobody{_hint(cls, name, known)}"
            )
        if inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member):
            raise ConnectorDefinitionError(f"{cls.__name__}.{name} must not be async")


def _hint(cls: type[Connector], name: str, known: set[str]) -> str:
    """Return what the author of a reader that nobody calls may have meant."""
    for found in anslut_contracts.information_types().values():
        if found.reader == name:
            return f": a connector of the kind {cls.kind.name} has no {found.name}"
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _check_capabilities(cls: type[Connector]) -> None:
    unknown = sorted(cls.capabilities - set(_OPTIONAL.values()))
    if unknown:
        raise ConnectorDefinitionError(f"{cls.__name__} declares an unknown capability: {unknown[0]}")
    for reader, capability in _OPTIONAL.items():
        written = _owner(cls, reader).__module__ != _SDK
        if written and capability not in cls.capabilities:
            raise ConnectorDefinitionError(
                f'{cls.__name__} has {reader}: declare capabilities = frozenset({{"{capability}"}})'
            )
        if capability in cls.capabilities and not written:
            raise ConnectorDefinitionError(f"{cls.__name__} declares {capability} but has no {reader}")


def _owner(cls: type, name: str) -> type:
    """Return the class of the hierarchy that *cls* has *name* from."""
    return next(parent for parent in cls.__mro__ if name in vars(parent))
