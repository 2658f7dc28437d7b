"""`anslut simulate` starts fast, says what it runs, and ends on Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
import requests
from anslut_simulators.commands.simulate import simulate
from click.testing import CliRunner


@pytest.mark.slow
def test_a_region_answers_within_a_second_and_ends_on_interrupt() -> None:
    """A newcomer's first impression."""
    command = [sys.executable, "-u", "-c", "from anslut.cli import main; main()", "simulate", "--port", "0"]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        try:
            assert process.stdout is not None
            base_url = process.stdout.readline().split()[-1].removesuffix("/_sim/")
            answer = requests.get(f"{base_url}/_sim/s/demo/clock", timeout=5)
            seconds = time.perf_counter() - started
            rest = "".join(iter(process.stdout.readline, "Ctrl-C avslutar. / Ctrl-C ends.\n"))
            process.send_signal(signal.SIGINT)
            end, _ = process.communicate(timeout=10)
        finally:
            process.kill()

    assert answer.json()["mode"] == "running"
    assert seconds < 2
    assert f"export ANSLUT_SOURCE_URL={base_url}/s/demo/kosmos" in rest
    assert "export ANSLUT_SOURCE_CLIENT_SECRET=hemlig-demo" in rest
    assert "Ended." in end
    assert process.returncode == 0


def test_an_unknown_region_is_said_plainly() -> None:
    """No traceback for a slip of the pen."""
    result = CliRunner().invoke(simulate, ["--region", "nowhere", "--port", "0"])

    assert result.exit_code == 1
    assert "fjallmark" in result.output
    assert "Traceback" not in result.output
