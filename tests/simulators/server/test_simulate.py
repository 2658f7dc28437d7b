"""`anslut simulate` starts fast, says what it runs, and ends on Ctrl-C."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from anslut_contracts.profile import load_profile
from anslut_simulators import ControlClient, RunningRegion
from anslut_simulators.commands.simulate import simulate
from anslut_simulators.port_map import plain_lines, port_map, rich_table
from click.testing import CliRunner
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.slow
def test_a_region_says_what_it_runs_and_ends_on_interrupt() -> None:
    """A newcomer's first impression; a shell's background jobs are born deaf to Ctrl-C, so listen first."""
    with simulating() as (process, base_url, rest):
        answer = requests.get(f"{base_url}/_sim/s/demo/clock", timeout=5)
        process.send_signal(signal.SIGINT)
        end, _ = process.communicate(timeout=10)

    assert answer.json()["mode"] == "running"
    assert f"export ANSLUT_SOURCE_URL={base_url}/s/demo/kosmos" in rest
    assert "export ANSLUT_SOURCE_CLIENT_SECRET=hemlig-demo" in rest
    assert "Ended." in end
    assert process.returncode == 0


@pytest.mark.slow
def test_a_connector_for_the_chosen_system_is_told_its_settings() -> None:
    """The profile is a file of canonical JSON, so that no language needs a TOML reader."""
    with simulating("--system", "natal") as (_, base_url, said):
        settings = dict(
            line.removeprefix("export ").split("=", 1)
            for line in said.splitlines()
            if line.startswith("export ")
        )
        profile = Path(settings["ANSLUT_REGION_PROFILE"]).read_bytes()

    assert settings["ANSLUT_SOURCE_URL"] == f"{base_url}/s/demo/natal"
    assert settings["ANSLUT_SOURCE_CLIENT_ID"] == "natal-demo"
    assert sha256(profile).hexdigest() == load_profile("fjallmark").digest()
    assert "/s/demo/kosmos" not in said


@pytest.mark.slow
def test_the_country_has_a_port_for_each_region() -> None:
    """One table says where everything is, and every region there answers."""
    with simulating("--country") as (_, _, said):
        rows = [line.split() for line in said.splitlines() if "REST/JSON" in line or " SQL " in line]
        addresses = {row[0]: row[4].partition("/s/demo/")[0] for row in rows}
        answered = {
            region: requests.get(f"{base}/_sim/s/demo/clock", timeout=5).status_code
            for region, base in addresses.items()
        }

    assert len(set(addresses.values())) == 21
    assert set(answered.values()) == {200}


def test_the_port_map_reads_the_same_in_a_terminal_and_a_file(region: RunningRegion) -> None:
    """Nothing is cut off in either."""
    places = port_map([region], scenario="demo")
    drawn = Console(file=StringIO(), width=200)
    drawn.print(rich_table(places))
    shown = drawn.file.getvalue() if isinstance(drawn.file, StringIO) else ""

    (place,) = places
    assert place.address == region.source_url("kosmos", "demo")
    for text in ("\n".join(plain_lines(places)), shown):
        assert all(
            word in text for word in ("fjallmark", "record", "REST/JSON", place.address, "hemlig-demo")
        )
    assert port_map([region], scenario="demo", systems=["natal"]) == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--system", "okant"), "kosmos"),
        (("--country", "--workers", "2"), "one process"),
        (("--country", "--tls"), "one process"),
        (("--country", "--region", "nowhere"), "fjallmark"),
        (("--scenario", "Prov 1"), "scenario"),
    ],
)
def test_what_cannot_be_is_said_before_anything_runs(arguments: tuple[str, ...], word: str) -> None:
    """Each slip is told with what would do."""
    result = CliRunner().invoke(simulate, ["--port", "0", *arguments])

    assert result.exit_code != 0
    assert word in result.output
    assert "Traceback" not in result.output


@pytest.mark.slow
def test_worker_processes_share_what_is_written(free_port: int) -> None:
    """Load needs several processes, and they must be one world."""
    arguments = ["simulate", "--workers", "2", "--port", str(free_port), "--frozen"]
    command = [sys.executable, "-u", "-c", "from anslut.cli import main; main()", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            base_url = f"http://127.0.0.1:{free_port}"
            _wait_for(f"{base_url}/_sim/faults")
            who = requests.get(f"{base_url}/_sim/s/demo/personas", timeout=5).json()["personas"][0][
                "patientId"
            ]
            written = [
                ControlClient(base_url, "demo").write(type="diagnoses", patient_id=who).id for _ in range(20)
            ]
            read = [{event.id for event in ControlClient(base_url, "demo").truth(who)} for _ in range(10)]
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=10)
        finally:
            process.kill()

    assert len(set(written)) == 20
    assert all(set(written) <= ids for ids in read)
    assert process.returncode == 0


@contextmanager
def simulating(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Run `anslut simulate` at any free port; give the process, its address and what it said."""
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    script = f"{listening}; from anslut.cli import main; main()"
    command = [sys.executable, "-u", "-c", script, "simulate", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            base_url = process.stdout.readline().split()[-1].removesuffix("/_sim/")
            yield (
                process,
                base_url,
                "".join(iter(process.stdout.readline, "Ctrl-C avslutar. / Ctrl-C ends.\n")),
            )
        finally:
            process.kill()


@pytest.fixture
def free_port() -> int:
    """Return a port that nobody has right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            requests.get(url, timeout=1)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return


def test_an_unknown_region_is_said_plainly() -> None:
    """No traceback for a slip of the pen."""
    result = CliRunner().invoke(simulate, ["--region", "nowhere", "--port", "0"])

    assert result.exit_code == 1
    assert "fjallmark" in result.output
    assert "Traceback" not in result.output
