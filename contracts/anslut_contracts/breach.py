"""One breach of a check beyond the schema."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Breach"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One breach of a check beyond the schema: *path* is a JSON Pointer, *rule* the check's name."""

    path: str
    rule: str
    message: str
