"""The gate in front of every source system: finds the scenario, strikes with faults, keeps the journal.

A plain WSGI callable, because a call to a source must cost little; the control plane behind it is Flask.
"""

from __future__ import annotations

import os
import re
import sys
import time
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from anslut_contracts.http_headers import CONSUMER_HEADER, wsgi_name

from anslut_simulators.calls import Answer, Call
from anslut_simulators.faults.delivery import Delivery, send, status_line
from anslut_simulators.faults.strike import Strikes
from anslut_simulators.problems import CONTENT_TYPE, ProblemError
from anslut_simulators.scenario import is_name
from anslut_simulators.store.errors import StateUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from anslut_simulators.calls import System
    from anslut_simulators.faults.standing import Standing
    from anslut_simulators.journal import Journal
    from anslut_simulators.scenario import Scenarios

Environ = dict[str, Any]
StartResponse = Any
BODY_LIMIT: Final = 2 * 1024 * 1024
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,250}(:[0-9]{1,5})?\Z|\[[0-9A-Fa-f:]{2,39}\](:[0-9]{1,5})?\Z")
_CONSUMER: Final = re.compile(r"[A-Za-z0-9-]{1,40}\Z")


class Gate:
    """Sends `/s/<scenario>/<system>/…` to the systems and everything else to *control*."""

    def __init__(
        self,
        control: Callable[[Environ, StartResponse], Iterable[bytes]],
        *,
        scenarios: Scenarios,
        systems: Mapping[str, System],
        journal: Journal,
        standing: Standing | None = None,
    ) -> None:
        self._control = control
        self._scenarios = scenarios
        self._systems = systems
        self._journal = journal
        self._strikes = Strikes(scenarios, standing=standing)
        # Granian copies the process's environment into every request, where a variable called HTTP_… would
        # pass for a header and a password could reach an error page.
        self._process_environment = tuple(os.environ.items())

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333); when the state's database does not answer, say so (503)."""
        try:
            return self._answer(environ, start_response)
        except StateUnreachableError as problem:
            answer = Answer(problem.status, problem.body(), content_type=CONTENT_TYPE)
            return _send(answer, environ, start_response)

    def _answer(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        for name, value in self._process_environment:
            if environ.get(name) == value:
                del environ[name]
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith("/s/"):
            return self._control(environ, start_response)
        started = time.perf_counter_ns()
        scenario, _, rest = path[3:].partition("/")
        name, slash, below = rest.partition("/")
        system = self._systems.get(name)
        if system is None or not is_name(scenario):
            problem = ProblemError(
                404, "unknown-system", "No such scenario or system here", detail="See /_sim/."
            )
            return _send(Answer(404, problem.body(), content_type=CONTENT_TYPE), environ, start_response)
        state = self._scenarios.state(scenario)
        call = Call(
            state=state,
            system=name,
            method=environ["REQUEST_METHOD"],
            path=slash + below,
            query=environ.get("QUERY_STRING", ""),
            authorization=environ.get("HTTP_AUTHORIZATION", ""),
            if_none_match=environ.get("HTTP_IF_NONE_MATCH", ""),
            body=b"",
            content_type=environ.get("CONTENT_TYPE", ""),
            real_us=self._scenarios.real_us(),
            origin=_origin(environ.get("wsgi.url_scheme", ""), environ.get("HTTP_HOST", "")),
        )
        outcome = self._outcome(call, system, environ)
        consumer = environ.get(wsgi_name(CONSUMER_HEADER), "")
        self._journal.append(
            state,
            call.method,
            call.path,
            call.query,
            system=name,
            status=0 if isinstance(outcome, Delivery) and outcome.silent else outcome.status,
            microseconds=(time.perf_counter_ns() - started) // 1000,
            length=len(outcome.body) if isinstance(outcome, Delivery) else len(outcome),
            patient=call.patient,
            consumer=consumer if _CONSUMER.match(consumer) else call.consumer,
            faults=(tuple(hit.fault.id for hit in call.faults), tuple(call.spared))
            if call.state.faults or call.faults
            else None,
        )
        if isinstance(outcome, Delivery):
            return send(outcome, environ, start_response, wait=self._strikes.wait)
        # A source tells its own time, and in a scenario that is the scenario's.
        date = _http_date(int(call.state.now(call.real_us).timestamp()))
        return _send(outcome, environ, start_response, date=date)

    def close(self) -> None:
        """Wake everything that is stalled."""
        self._strikes.close()

    def _outcome(self, call: Call, system: System, environ: Environ) -> Answer | Delivery:
        length = environ.get("CONTENT_LENGTH") or ""
        if length or "HTTP_TRANSFER_ENCODING" in environ:
            if not length.isdigit():
                length = str(BODY_LIMIT + 1)
            elif int(length) > BODY_LIMIT:
                return system.refuse(413)
            call.body = environ["wsgi.input"].read(int(length))
            if len(call.body) > BODY_LIMIT:
                return system.refuse(413)
        try:
            if not call.state.faults:
                answer = system.answer(call)
                # Whom a call is about is known afterwards: only those few are asked about again.
                if not self._strikes.has_standing(call):
                    return answer
            return self._strikes.deliver(call, system)
        except Exception as error:  # noqa: BLE001 - a bug must look like a failing source, and quote nobody
            sys.stderr.write(f"anslut: {call.system} broke: {type(error).__name__}\n")
            return system.refuse(500)


@lru_cache(maxsize=64)
def _origin(scheme: str, host: str) -> str:
    return f"{scheme}://{host}" if _HOST.match(host) else ""


@lru_cache(maxsize=64)
def _http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def _send(
    answer: Answer, environ: Environ, start_response: StartResponse, *, date: str | None = None
) -> Iterable[bytes]:
    headers = list(answer.headers)
    if answer.chunks is None:
        headers.append(("Content-Length", str(len(answer.body))))
    if date is not None:
        headers.append(("Date", date))
    if answer.body or answer.chunks:
        headers.append(("Content-Type", answer.content_type))
    start_response(status_line(answer.status), headers)
    if environ["REQUEST_METHOD"] == "HEAD":
        return []
    return [answer.body] if answer.chunks is None else answer.chunks
