"""What an entry becomes in an older version of its contract: what the table's `losses` say, and nothing else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts.errors import CodecError
from anslut_contracts.rivta.changes import CHANGES, copied, pruned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_contracts.rivta.tables import MappingTable

__all__ = ["reduced"]


def reduced(table: MappingTable, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what *entry* becomes in the table's version: itself in the newest, a copy with losses in an older one.

    A time in the second of autumn's repeated hours is not changed here: all versions lose that. Raise
    `CodecError` for an entry that is not valid.
    """
    losses = _losses(table)
    if not losses:
        return entry if isinstance(entry, dict) else dict(entry)
    try:
        return _changed(table, entry, losses=losses)
    except RecursionError:
        raise CodecError(f"{table.name} has no place for values so far inside others") from None


def _changed(
    table: MappingTable, entry: Mapping[str, Any], *, losses: tuple[Mapping[str, Any], ...]
) -> dict[str, Any]:
    found: dict[str, Any] = copied(entry)
    for loss in losses:
        try:
            CHANGES[loss["change"]](found, loss, table.codes)
        except (AttributeError, KeyError, TypeError):
            raise CodecError(f"{table.name} needs another kind of value in {loss['path']}") from None
    left: dict[str, Any] = pruned(found)
    return left


@cache
def _losses(table: MappingTable) -> tuple[Mapping[str, Any], ...]:
    return tuple(loss for loss in table.losses if "change" in loss)
