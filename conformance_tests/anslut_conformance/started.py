"""A connector that the examiner starts itself: any program that listens on a port it is told."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

import requests

from anslut_conformance.errors import ConfigurationError
from anslut_conformance.watching import files_below

if TYPE_CHECKING:
    from collections.abc import Mapping

_GRACE_SECONDS = 5.0
_SHOWN_OUTPUT = 2000


@dataclass(kw_only=True)
class Started:
    """A running program; use it in a `with` block.

    *command* is split as a shell would. `{port}` in it, or the variable PORT, says where to listen; `{here}` is the
    folder the examiner was started in. The program runs in a fresh folder under *scratch* with HOME and TMPDIR
    there, so that what it writes can be seen; arguments that name files here are made absolute.
    """

    command: str
    environment: Mapping[str, str]
    scratch: Path
    port: int = 0
    url: str | None = None
    _process: subprocess.Popen[bytes] | None = None
    _log: IO[bytes] | None = field(default=None, repr=False)

    def __enter__(self) -> Self:
        port = self.port or free_port()
        self.url = (self.url or "http://127.0.0.1:{port}").replace("{port}", str(port))
        arguments = self._arguments(port)
        work, temporary, home = (self.scratch / "connector" / name for name in ("work", "tmp", "home"))
        for folder in (work, temporary, home):
            folder.mkdir(parents=True, exist_ok=True)
        self._log = (self.scratch / "output.txt").open("w+b")
        told = {
            key: value for key, value in os.environ.items() if not key.startswith(("ANSLUT_", "PYTEST_"))
        } | {
            **self.environment,
            "PORT": str(port),
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "TMP": str(temporary),
            "TEMP": str(temporary),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(Path.cwd()), os.environ.get("PYTHONPATH")))),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the operator's own command
                arguments,
                cwd=work,
                env=told,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self._log.close()
            raise ConfigurationError(
                f"the connector could not be started: {error.strerror}: {arguments[0]}",
                hint="--start takes one command, as you would type it",
            ) from error
        return self

    def _arguments(self, port: int) -> list[str]:
        try:
            parts = shlex.split(self.command)
        except ValueError as error:
            raise ConfigurationError(f"--start cannot be read: {error}", hint="check its quotes") from error
        if not parts:
            raise ConfigurationError("--start is empty", hint='--start "python connector.py --port {port}"')
        here = Path.cwd()
        filled = [part.replace("{port}", str(port)).replace("{here}", str(here)) for part in parts]
        program = sys.executable if filled[0] in {"python", "python3"} else filled[0]
        # Not resolve(): a virtual environment's python is a link, and beyond it the environment is lost.
        head = (
            str((here / program).absolute()) if os.sep in program and (here / program).exists() else program
        )
        return [
            head,
            *(str((here / part).resolve()) if _is_file(here / part) else part for part in filled[1:]),
        ]

    @property
    def base_url(self) -> str:
        """Where the program listens."""
        if self.url is None:
            raise RuntimeError("the program is not started")
        return self.url

    def wait(self, seconds: float) -> None:
        """Wait until `/health/ready` says 200; raise `ConfigurationError` with the program's last words otherwise."""
        deadline = time.monotonic() + seconds
        last = "nothing listens yet"
        with requests.Session() as session:
            session.trust_env = False
            while time.monotonic() < deadline:
                dead = self.why_dead()
                if dead is not None:
                    raise ConfigurationError(dead, hint=self._last_words())
                try:
                    answer = session.get(f"{self.url}/health/ready", timeout=5)
                except requests.RequestException:
                    time.sleep(0.05)
                    continue
                if answer.ok:
                    return
                last = f"/health/ready answers {answer.status_code}"
                time.sleep(0.1)
        raise ConfigurationError(
            f"the connector was not ready at {self.url} after {seconds:.0f} s: {last}",
            hint=self._last_words() or "does it listen on the port in {port} or PORT?",
        )

    def why_dead(self) -> str | None:
        """Return how the program ended, or None while it runs."""
        code = None if self._process is None else self._process.poll()
        return None if code is None else f"the connector ended by itself with code {code}"

    def output(self) -> str:
        """Return what the program has printed, both streams."""
        path = self.scratch / "output.txt"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def files(self) -> list[Path]:
        """Return every file the program has left in its working, temporary and home folders."""
        return files_below(self.scratch / "connector")

    def _last_words(self) -> str:
        return self.output()[-_SHOWN_OUTPUT:].strip()

    def __exit__(self, *error: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._signal(signal.SIGTERM)
            try:
                self._process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL)
                self._process.wait(_GRACE_SECONDS)
        if self._log is not None:
            self._log.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        try:
            # The program is the leader of a session of its own: its workers go with it.
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def free_port() -> int:
    """Return a port on 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
