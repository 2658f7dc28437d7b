"""What we are compared with: moto's server, and a bare Flask application under the server that we use."""

from __future__ import annotations

import importlib.util
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from benchmarks import BODY_VARIABLE
from benchmarks.load import Request, Target
from benchmarks.measure import Row, Setup, server_row
from benchmarks.server import Server, python, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

OK = 200


def answered(url: str) -> bool:
    """Whether *url* answers 200 now."""
    try:
        return requests.get(url, timeout=2).status_code == OK
    except requests.RequestException:
        return False


def bare_row(
    name: str, body: bytes, command: Callable[[int], Sequence[str]], *, request: Request, setup: Setup
) -> Row:
    """Measure a bare Flask application that answers *body*, served by `command(port)`."""
    with bare_flask(body, command) as server:
        target = Target(base_url=server.base_url, requests=[request])
        return server_row(name, server, target, setup=setup, answer_bytes=len(body))


@contextmanager
def bare_flask(body: bytes, command: Callable[[int], Sequence[str]]) -> Iterator[Server]:
    """Serve `benchmarks.bare` with `command(port)`."""
    with tempfile.TemporaryDirectory(prefix="anslut-bench-") as folder:
        file = Path(folder, "body.json")
        file.write_bytes(body)
        environment = {BODY_VARIABLE: str(file)}
        with serving(command, answers=answered, environment=environment) as server:
            yield server


def moto_row(setup: Setup) -> Row | None:
    """Measure moto's server on S3 ListBuckets, started as by default; None when there is no moto."""
    if importlib.util.find_spec("moto") is None:
        return None
    # moto decides which service is asked for by the credential's scope; the signature is not checked
    scope = "made-up/20231115/us-east-1/s3/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}

    def command(port: int) -> list[str]:
        start = "import sys; from moto.server import main; main(sys.argv[1:])"
        return python("-c", start, "-H", "127.0.0.1", "-p", str(port))

    with serving(command, answers=answered) as server:
        answer = requests.get(server.base_url, headers=headers, timeout=10)
        target = Target(base_url=server.base_url, requests=[Request(path="/")], headers=headers)
        name = "moto's server, S3 ListBuckets"
        return server_row(name, server, target, setup=setup, answer_bytes=len(answer.content))


def granian(
    application: str, *, workers: int, threads: int, factory: bool = False
) -> Callable[[int], list[str]]:
    """Return the command, given a port, that serves the WSGI *application* with granian."""

    def command(port: int) -> list[str]:
        shape = ["--workers", str(workers), "--blocking-threads", str(threads), "--no-log"]
        shape += ["--factory"] if factory else []
        where = ["--host", "127.0.0.1", "--port", str(port)]
        return python("-m", "granian", "--interface", "wsgi", *where, *shape, application)

    return command


def gunicorn(application: str, *, workers: int, threads: int) -> Callable[[int], list[str]]:
    """Return the command, given a port, that serves the WSGI *application* with gunicorn's threads."""

    def command(port: int) -> list[str]:
        shape = ["--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)]
        return python("-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *shape, application)

    return command
