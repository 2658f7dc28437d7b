"""The demo itself, from beginning to end."""

from __future__ import annotations

import io
import json
import threading
import time
from typing import TYPE_CHECKING

import pytest
import requests
from anslut_conformance.demo.show import show

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(name="shown", scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, Path]:
    """Return the exit code, what was written, and the folder of one demo."""
    folder: Path = tmp_path_factory.mktemp("demo")
    stream = io.StringIO()
    code = show(stream, folder=folder, serve=False)
    return code, stream.getvalue(), folder


def test_the_careful_one_is_green_and_the_careless_one_red(shown: tuple[int, str, Path]) -> None:
    """That difference is the demo; any other outcome is an exit code of 1."""
    code, text, _ = shown

    assert code == 0, text
    assert "✓ Noggrann" in text
    assert "✗ Slarvig" in text


def test_it_says_that_the_quick_lane_is_not_enough(shown: tuple[int, str, Path]) -> None:
    """Nobody may take a green demo for a certificate."""
    assert "snabbspåret: ett intyg kräver mer" in shown[1]


def test_every_broken_rule_is_in_the_text(shown: tuple[int, str, Path]) -> None:
    """What the report says, the terminal says too."""
    _, text, folder = shown
    report = json.loads((folder / "careless" / "report.json").read_text(encoding="utf-8"))
    broken = [rule["id"] for rule in report["rules"] if rule["verdict"] == "fail"]

    assert len(broken) >= 5
    assert [rule for rule in broken if rule not in text] == []


@pytest.mark.parametrize("mistake", ["EXC-002", "SIG-001", "ERR-001", "IDN-002", "PAG-004", "TIM-001"])
def test_each_mistake_is_caught(shown: tuple[int, str, Path], mistake: str) -> None:
    """The careless connector's mistakes are what the demo promises to show."""
    report = json.loads((shown[2] / "careless" / "report.json").read_text(encoding="utf-8"))

    assert [rule["verdict"] for rule in report["rules"] if rule["id"] == mistake] == ["fail"]


@pytest.mark.parametrize("name", ["report.html", "report.json", "junit.xml"])
def test_both_reports_are_written(shown: tuple[int, str, Path], name: str) -> None:
    """In every form, for both."""
    folder = shown[2]

    assert all((folder / contender / name).stat().st_size > 0 for contender in ("careful", "careless"))


def test_served_connectors_answer_until_told_to_stop(tmp_path: Path) -> None:
    """With --serve the newcomer can try both by hand; afterwards neither they nor the token are left."""
    stream, stop = io.StringIO(), threading.Event()
    codes: list[int] = []
    demo = threading.Thread(
        target=lambda: codes.append(show(stream, folder=tmp_path, serve=True, stop=stop)), daemon=True
    )
    demo.start()
    deadline = time.monotonic() + 150
    while "Ctrl-C" not in stream.getvalue() and demo.is_alive() and time.monotonic() < deadline:
        time.sleep(0.1)
    lines = stream.getvalue().splitlines()
    urls = [line.split()[-1] for line in lines if line.startswith(("  noggrann", "  slarvig"))]
    token = (tmp_path / "try" / "token").read_text(encoding="utf-8")
    body = (tmp_path / "try" / "search.json").read_bytes()
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "x-rivta-original-serviceconsumer-hsaid": "SE2321000999-1177",
    }

    counts = [
        len(
            requests.post(
                f"{url}/v1/care-documentation/search", data=body, headers=headers, timeout=10
            ).json()["entries"]
        )
        for url in urls
    ]
    stop.set()
    demo.join(30)

    assert len(urls) == 2
    assert all(counts)
    assert codes == [0], stream.getvalue()
    assert not (tmp_path / "try" / "token").exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{urls[0]}/health/live", timeout=5)
