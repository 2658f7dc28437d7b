"""`anslut simulate` starts fast, says what it runs, and ends on Ctrl-C."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import pytest
import requests
from anslut_simulators import ControlClient
from anslut_simulators.commands.simulate import simulate
from click.testing import CliRunner


@pytest.mark.slow
def test_a_region_says_what_it_runs_and_ends_on_interrupt() -> None:
    """A newcomer's first impression; a shell's background jobs are born deaf to Ctrl-C, so listen first."""
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    script = f"{listening}; from anslut.cli import main; main()"
    command = [sys.executable, "-u", "-c", script, "simulate", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            base_url = process.stdout.readline().split()[-1].removesuffix("/_sim/")
            answer = requests.get(f"{base_url}/_sim/s/demo/clock", timeout=5)
            rest = "".join(iter(process.stdout.readline, "Ctrl-C avslutar. / Ctrl-C ends.\n"))
            process.send_signal(signal.SIGINT)
            end, _ = process.communicate(timeout=10)
        finally:
            process.kill()

    assert answer.json()["mode"] == "running"
    assert f"export ANSLUT_SOURCE_URL={base_url}/s/demo/kosmos" in rest
    assert "export ANSLUT_SOURCE_CLIENT_SECRET=hemlig-demo" in rest
    assert "Ended." in end
    assert process.returncode == 0


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
