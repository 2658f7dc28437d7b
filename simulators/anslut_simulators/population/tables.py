"""The product's data files about the fake country, read once each (folder `tables/`)."""

from __future__ import annotations

import gzip
import json
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

_FOLDER = files("anslut_simulators") / "tables"


def read_bytes(name: str) -> bytes:
    """Return the content of the data file *name*, unpacked if it ends in .gz."""
    content = (_FOLDER / name).read_bytes()
    return gzip.decompress(content) if name.endswith(".gz") else content


@lru_cache(maxsize=32)
def read_table(name: str) -> Any:  # noqa: ANN401 - the JSON and TOML boundary
    """Return the parsed JSON or TOML file *name*; callers must not change it."""
    text = read_bytes(name).decode()
    return tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
