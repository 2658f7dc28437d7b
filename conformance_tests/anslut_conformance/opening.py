"""Opens what an order names: the stage, the connector on it, and an exam over both."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from anslut_conformance import candidates
from anslut_conformance.errors import ConfigurationError, Finding
from anslut_conformance.exam import Exam
from anslut_conformance.exam_door import ExamDoor
from anslut_conformance.observation import Observations
from anslut_conformance.rivta_door import RivtaDoor
from anslut_conformance.setting import Setting
from anslut_conformance.stages import described, system_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut_contracts.profile import RegionProfile
    from anslut_simulators.systems import SystemDescription

    from anslut_conformance.candidates import Candidate
    from anslut_conformance.order import Order
    from anslut_conformance.preflight import Step
    from anslut_conformance.verdicts import CheckResult


@dataclass(kw_only=True)
class Listener:
    """Who is told how it goes; every hook may be left alone."""

    on_environment: Callable[[dict[str, str]], None] = lambda _: None
    on_waiting: Callable[[str], None] = lambda _: None
    on_steps: Callable[[list[Step]], None] = lambda _: None
    on_plan: Callable[[int], None] = lambda _: None
    on_result: Callable[[CheckResult], None] = lambda _: None


@contextmanager
def opened(
    order: Order, *, listener: Listener, setting: Setting | None = None
) -> Iterator[tuple[Exam, Candidate]]:
    """Yield an exam over an open stage and connector."""
    system = system_of(order)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="anslut-"))).resolve()
        if setting is None:
            simulator, issuer = order.ports
            setting = stack.enter_context(
                Setting(
                    region=order.region,
                    system=system,
                    simulator_port=simulator,
                    issuer_port=issuer,
                    authentication=order.authentication,
                )
            )
        control = setting.control(order.scenario)
        control.reset()
        access_log = order.access_log_file(scratch)
        state = None if order.by_hand else scratch / "state"
        if state is not None:
            state.mkdir()
        environment = setting.environment(
            order.scenario,
            access_log=access_log,
            state=state,
            profile=order.profile_file(scratch),
            system=system,
            index=order.index,
        )
        listener.on_environment(environment)
        candidate = stack.enter_context(_candidate(order, environment, scratch))
        if order.in_soap:
            description = described(order.region, system)
            candidate = _in_soap(candidate, order, environment, profile=setting.profile, system=description)
        if order.by_hand:
            _await(order, candidate, listener)
        exam = Exam(
            door=ExamDoor(candidate.door, setting.issuer if order.authentication else None),
            control=control,
            profile=setting.profile,
            settings=environment,
            region=order.region,
            system=system,
            lane=order.lane,
            observations=Observations(
                access_log_path=access_log,
                list_files=candidate.list_files,
                read_output=candidate.read_output,
                missing=dict(candidate.missing),
            ),
        )
        yield exam, candidate


@contextmanager
def _candidate(order: Order, environment: dict[str, str], scratch: Path) -> Iterator[Candidate]:
    if order.start is not None:
        url = order.target if order.target and "://" in order.target else None
        with candidates.by_command(
            order.start, environment, scratch, port=_port_of(url), url=url, patience=order.wait_seconds
        ) as candidate:
            yield candidate
    elif order.target is None:
        raise ConfigurationError(
            "no connector was named", hint="--connector URL, --connector module:Class, or --start COMMAND"
        )
    elif order.by_hand:
        with candidates.by_url(
            order.target, ca_file=order.ca_file, certificate=order.client_certificate
        ) as candidate:
            yield candidate
    elif ":" in order.target:
        with candidates.by_name(order.target, environment, scratch / "connector") as candidate:
            yield candidate
    else:
        raise ConfigurationError(
            f"{order.connector!r} is neither a URL nor module:name",
            hint="http://127.0.0.1:8080, or my_package.connector:Connector",
        )


def _in_soap(
    candidate: Candidate,
    order: Order,
    environment: dict[str, str],
    *,
    profile: RegionProfile,
    system: SystemDescription,
) -> Candidate:
    """Return *candidate* asked in SOAP; a producer without a manifest is taken to owe all that its kind keeps."""
    source = environment["ANSLUT_SOURCE_SYSTEM_ID"]
    manifest = {
        "product": candidate.description,
        "vendor": "-",
        "version": "-",
        "contractVersion": "1.0",
        "sourceSystem": {"kind": system.kind},
        "sourceSystemHsaIds": [source],
        "types": sorted(system.keeps),
        "capabilities": [],
        "index": {"mode": "none"},
        "profileDigest": profile.digest(),
        "accessLog": "ANSLUT_ACCESS_LOG" in environment,
    }
    door = RivtaDoor(raw=candidate.door, source_system_id=source, manifest=manifest)
    if order.address is not None:
        door.address = order.address
    return replace(candidate, door=door)


def _port_of(url: str | None) -> int:
    if url is None or "{port}" in url:
        return 0
    tail = url.rstrip("/").rsplit(":", 1)[-1]
    return int(tail) if tail.isdigit() else 0


def _await(order: Order, candidate: Candidate, listener: Listener) -> None:
    """Wait until a connector started by hand answers as ready, or time is up; the preflight then says what is wrong."""
    deadline = time.monotonic() + order.wait_seconds
    said = ""
    while True:
        try:
            reply = candidate.door.call("GET", "/health/ready", headers={}, body=None, timeout=5.0)
            if reply.status == 200:  # noqa: PLR2004 - HTTP's own number
                return
            state = f"/health/ready: {reply.status}"
        except Finding as finding:
            state = finding.message
        if time.monotonic() > deadline:
            return
        if state != said:
            listener.on_waiting(state)
            said = state
        time.sleep(0.3)
