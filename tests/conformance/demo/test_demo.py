"""The demo itself, from beginning to end."""

from __future__ import annotations

import io
import json
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import requests
from anslut_conformance.demo.show import show

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@dataclass(frozen=True)
class Shown:
    """What became of one demo: its exit code, text and folder, and what its connectors answered while they served."""

    code: int
    text: str
    folder: Path
    urls: list[str]
    counts: list[int]


@pytest.fixture(name="shown", scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Return what one demo did that was asked to serve, and was told to stop when it had answered."""
    folder = tmp_path_factory.mktemp("demo")
    stream, stop = io.StringIO(), threading.Event()
    codes: list[int] = []
    demo = threading.Thread(
        target=lambda: codes.append(show(stream, folder=folder, serve=True, stop=stop)), daemon=True
    )
    demo.start()
    deadline = time.monotonic() + 150
    while "Ctrl-C" not in stream.getvalue() and demo.is_alive() and time.monotonic() < deadline:
        time.sleep(0.1)
    lines = stream.getvalue().splitlines()
    urls = [line.split()[-1] for line in lines if line.startswith(("  noggrann", "  slarvig"))]
    counts = [asked(url, folder / "try") for url in urls]
    stop.set()
    demo.join(30)
    return Shown(codes[0], stream.getvalue(), folder, urls, counts)


def asked(url: str, files: Path) -> int:
    """Return how many entries a newcomer's first question gives."""
    headers = {
        "Authorization": f"Bearer {(files / 'token').read_text(encoding='utf-8')}",
        "Content-Type": "application/json",
        "x-rivta-original-serviceconsumer-hsaid": "SE2321000999-1177",
    }
    body = (files / "search.json").read_bytes()
    reply = requests.post(f"{url}/v1/care-documentation/search", data=body, headers=headers, timeout=10)
    return len(reply.json()["entries"])


def test_the_careful_one_is_green_and_the_careless_one_red(shown: Shown) -> None:
    """That difference is the demo; any other outcome is an exit code of 1."""
    assert shown.code == 0, shown.text
    assert "✓ Noggrann" in shown.text
    assert "✗ Slarvig" in shown.text


def test_it_says_that_the_quick_lane_is_not_enough(shown: Shown) -> None:
    """Nobody may take a green demo for a certificate."""
    assert "snabbspåret: ett intyg kräver mer" in shown.text


def test_every_broken_rule_is_in_the_text(shown: Shown) -> None:
    """What the report says, the terminal says too."""
    report = json.loads((shown.folder / "careless" / "report.json").read_text(encoding="utf-8"))
    broken = [rule["id"] for rule in report["rules"] if rule["verdict"] == "fail"]

    assert len(broken) >= 5
    assert [rule for rule in broken if rule not in shown.text] == []


@pytest.mark.parametrize("mistake", ["EXC-002", "SIG-001", "ERR-001", "IDN-002", "PAG-004", "TIM-001"])
def test_each_mistake_is_caught(shown: Shown, mistake: str) -> None:
    """The careless connector's mistakes are what the demo promises to show."""
    report = json.loads((shown.folder / "careless" / "report.json").read_text(encoding="utf-8"))

    assert [rule["verdict"] for rule in report["rules"] if rule["id"] == mistake] == ["fail"]


@pytest.mark.parametrize("name", ["report.html", "report.json", "junit.xml"])
def test_both_reports_are_written(shown: Shown, name: str) -> None:
    """In every form, for both."""
    assert all((shown.folder / contender / name).stat().st_size > 0 for contender in ("careful", "careless"))


def test_served_connectors_answer_until_told_to_stop(shown: Shown) -> None:
    """With --serve the newcomer can try both by hand; afterwards neither they nor the token are left."""
    assert len(shown.counts) == 2
    assert all(shown.counts)
    assert not (shown.folder / "try" / "token").exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{shown.urls[0]}/health/live", timeout=5)
