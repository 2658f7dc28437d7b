"""The package's own files, read once."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["folder", "read_json"]


def folder(name: str) -> Traversable:
    """Return the folder *name* of this package, such as `schemas/v1`."""
    place: Traversable = files("anslut_contracts")
    for part in name.split("/"):
        place = place / part
    return place


@cache
def read_json(name: str) -> Any:  # noqa: ANN401 - JSON of any shape; each caller checks it against a schema
    """Return the JSON document in file *name*, read once: treat it as read-only."""
    return json.loads(folder(name).read_text(encoding="utf-8"))
