"""Under servers that hide the connection: a broken answer is one that fails while it is sent, never a whole one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from anslut_simulators import create_app
from anslut_simulators.app import EXTENSION
from small_country import SmallPopulation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

ROLES = "/s/fi/kosmos/api/v2/koder/roller"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Return the application without a server of ours."""
    app = create_app(population=SmallPopulation(), state=tmp_path / "state")
    yield app
    app.extensions[EXTENSION].close()


def _strike(app: Flask, fault: str, **more: float) -> None:
    order = {"fault": fault, "system": "kosmos", "times": 1, **more}
    assert app.test_client().post("/_sim/s/fi/faults", json=order).status_code == 201


@pytest.mark.parametrize("fault", ["truncate", "reset-in-body", "reset", "length-in-characters"])
def test_a_broken_answer_fails(app: Flask, fault: str) -> None:
    """With whatever was sent before it broke; the next answer is whole."""
    _strike(app, fault)
    with pytest.raises(ConnectionAbortedError, match="on purpose"):
        app.test_client().get(ROLES, buffered=True)

    assert app.test_client().get(ROLES).status_code == 401


def test_a_hang_fails_too(app: Flask) -> None:
    """After its silence."""
    _strike(app, "hang", seconds=0)
    with pytest.raises(ConnectionAbortedError):
        app.test_client().get(ROLES, buffered=True)


@pytest.mark.parametrize("fault", ["dribble", "odd-chunks"])
def test_a_slow_answer_is_whole(app: Flask, fault: str) -> None:
    """In pieces, which the server may join as it likes."""
    whole = app.test_client().get(ROLES).data
    _strike(app, fault, size=7, **({"seconds": 0} if fault == "dribble" else {}))
    answer = app.test_client().get(ROLES)

    assert answer.data == whole
    assert ("Content-Length" in answer.headers) == (fault == "dribble")
