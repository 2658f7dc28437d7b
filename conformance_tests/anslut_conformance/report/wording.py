"""The words of reports and terminal, Swedish and English, from one data file."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import orjson


@lru_cache(maxsize=1)
def wording() -> dict[str, Any]:
    """Return words by kind (`verdicts`, `certificates`, `consequences`, `observables`) and key."""
    document: dict[str, Any] = orjson.loads(files(__package__).joinpath("wording.json").read_bytes())
    return document
