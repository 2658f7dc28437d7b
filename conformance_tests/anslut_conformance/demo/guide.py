"""`anslut demo --serve`: both connectors kept running over one region, with things to try.

Requests that name a person lie as files in the demo's folder, so that no number needs to stand on a command
line. The token lies there too while the demo runs, and is renewed.
"""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anslut_simulators.population import default_population

from anslut_conformance.demo.trial import CONTENDERS
from anslut_conformance.exam_door import CONSUMER
from anslut_conformance.started import Started

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from anslut_conformance.setting import Setting

SCENARIO = "demo"
PERSONA = "valdsutsatt"
READY_SECONDS = 30
RENEW_SECONDS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What runs: the region's address, the connectors' by contender name, and the *folder* of requests."""

    region_url: str
    connectors: Mapping[str, str]
    folder: Path

    def lines(self) -> list[str]:
        """Return what to try, ready to paste."""
        search = (
            "curl -s -H 'Content-Type: application/json'"
            f" -H 'x-rivta-original-serviceconsumer-hsaid: {CONSUMER}'"
            f' -H "Authorization: Bearer $(cat {self.folder}/token)"'
            f" -d @{self.folder}/search.json"
        )
        control = f"{self.region_url}/_sim/s/{SCENARIO}"
        post = "curl -s -X POST -H 'Content-Type: application/json'"
        lines = [f"  kontrollpanel (control plane)   {self.region_url}/_sim/"]
        lines += [
            f"  {one.sv.lower()} ({one.en.lower()})".ljust(34) + self.connectors[one.name]
            for one in CONTENDERS
        ]
        lines += ["", f"Läs personan {PERSONA} genom båda (read a persona through both):"]
        lines += [f"  {search} {url}/v1/care-documentation/search" for url in self.connectors.values()]
        lines += ["", "Vad som verkligen hänt (what really happened):"]
        lines += [f"  {post} -d @{self.folder}/search.json {control}/truth"]
        lines += ["", "Skriv en osignerad anteckning och läs igen (write an unsigned note, and read again):"]
        lines += [f"  {post} -d @{self.folder}/event.json {control}/events"]
        lines += ["", "Låt Kosmos gå sönder, läs igen, och laga (break Kosmos, read again, and mend it):"]
        fault = '{"fault": "status", "system": "kosmos", "status": 500}'
        lines += [f"  {post} -d '{fault}' {control}/faults", f"  curl -s -X DELETE {control}/faults"]
        return [*lines, "", "Avsluta med Ctrl-C (end with Ctrl-C)."]


@contextmanager
def served(setting: Setting, folder: Path) -> Iterator[Served]:
    """Serve both connectors over *setting*'s region inside the block; requests to try lie in *folder*/try."""
    place = folder / "try"
    place.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        setting.control(SCENARIO).reset()
        _write_requests(place)
        stack.enter_context(_token_file(setting, place / "token"))
        connectors = {}
        for contender in CONTENDERS:
            scratch = place / contender.name
            state = scratch / "state"
            state.mkdir(parents=True, exist_ok=True)
            environment = setting.environment(SCENARIO, access_log=scratch / "access.log", state=state)
            started = stack.enter_context(
                Started(command=contender.command, environment=environment, scratch=scratch)
            )
            started.wait(READY_SECONDS)
            connectors[contender.name] = str(started.url)
        yield Served(region_url=setting.running.base_url, connectors=connectors, folder=place)


def _write_requests(place: Path) -> None:
    identity = default_population().personas()[PERSONA].identities[0]
    person = {"root": identity.root, "extension": identity.extension}
    (place / "search.json").write_text(json.dumps({"patientId": person}), encoding="utf-8")
    event = {"type": "care-documentation", "patientId": person}
    (place / "event.json").write_text(json.dumps({"event": event}), encoding="utf-8")


@contextmanager
def _token_file(setting: Setting, path: Path) -> Iterator[None]:
    """Keep a valid token in *path*, readable by this user only, while the block lasts."""
    issuer = setting.issuer
    if issuer is None:
        yield
        return
    stop = threading.Event()
    path.touch(mode=0o600)
    path.write_text(issuer.token())

    def renew() -> None:
        while not stop.wait(RENEW_SECONDS):
            path.write_text(issuer.token())

    thread = threading.Thread(target=renew, name="anslut-demo-token", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        path.unlink(missing_ok=True)
