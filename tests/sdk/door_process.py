"""A door in a process of its own, as `anslut serve` starts it, and a caller of it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NUMBER = "199001022384"
CALLER = "SE2321000999-C001"
SEARCH = "/v1/diagnoses/search"
ASKED = {"patientId": {"root": "1.2.752.129.2.1.3.1", "extension": NUMBER}}
HEADERS = {"x-rivta-original-serviceconsumer-hsaid": CALLER}
MODULE = """
import os, time
from anslut import RecordConnector

class Slow(RecordConnector):
    product, vendor, version, system = "Slow", "Tests", "1.0", "kosmos"

    def read_care_documentation(self, query):
        time.sleep(1.0)
        return []

    def read_diagnoses(self, query):
        with open("answered-by", "a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\\n")
        return []

    def read_laboratory_results(self, query):
        raise RuntimeError(f"no {query.patient_id.extension}")

    read_referral_status = read_care_contacts = read_medications = None
"""


class Running:
    """A door in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process, self.folder = process, folder
        self.lines: list[str] = []
        self.url = ""
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line)
            if found := re.match(r"Listening at (\S+)", line):
                self.url = found[1]
                break

    def stop(self) -> int:
        """Ask it to end, as a service manager does."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    @property
    def answered_by(self) -> list[str]:
        """The process that answered each search for diagnoses."""
        told = self.folder / "answered-by"
        return told.read_text("utf-8").split() if told.exists() else []

    @property
    def errors(self) -> str:
        """What it has written to standard error."""
        return (self.folder / "stderr").read_text("utf-8")


@contextlib.contextmanager
def serving(folder: Path, *options: str, **environment: str) -> Iterator[Running]:
    """Run `anslut serve` in *folder*."""
    (folder / "my_module.py").write_text(MODULE, "utf-8")
    command = [sys.executable, "-m", "anslut", "serve", "my_module:Slow", "--port", "0", *options]
    told = {name: value for name, value in os.environ.items() if not name.startswith("ANSLUT_")}
    told |= {
        "ANSLUT_SOURCE_SYSTEM_ID": "SE2321000999-K001",
        "ANSLUT_REGION_PROFILE": "fjallmark",
        **environment,
    }
    with (folder / "stderr").open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command, cwd=folder, env=told, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        yield Running(process, folder)
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def post(url: str, path: str = SEARCH, **options: Any) -> requests.Response:
    """Search."""
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url + path, json=ASKED, headers=HEADERS, timeout=20, **options)
