"""Elevjournal as one of a region's systems: what is reached over SQL, its address, and when it is renewed."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import finalize

import orjson

from anslut_simulators.calls import Answer, Call
from anslut_simulators.elevjournal.damage import FAULTS
from anslut_simulators.elevjournal.databases import Database, PostgresDatabase, SqliteDatabase
from anslut_simulators.elevjournal.parts import parts_of, title_of, words
from anslut_simulators.elevjournal.people import NAME, People
from anslut_simulators.elevjournal.render import Renderer
from anslut_simulators.elevjournal.replica import TYPES, Replica

if TYPE_CHECKING:
    from datetime import datetime

    from anslut_simulators.country import Region
    from anslut_simulators.overlay import Records
    from anslut_simulators.scenario import State
    from anslut_simulators.truth import Event, Identity, Reason

WHERE: Final = "ANSLUT_SIMULATOR_REPLICA"
"""The environment variable that names a PostgreSQL server, whose user may make databases and roles, for replicas."""

_RENEW_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 10.0


class Elevjournal:
    """The school health record of one region, for all scenarios."""

    name = NAME
    types: tuple[str, ...] = TYPES
    faults = FAULTS

    def __init__(self, records: Records, *, region: Region, server: str | None = None) -> None:
        self._records = records
        self._region = region
        self._server = server or os.environ.get(WHERE) or None
        self._people = People(records)
        self._renderer = Renderer(region)
        self._units = {unit.hsa_id for unit in region.units}
        self._replicas: dict[str, Replica] = {}
        self._shown: dict[str, tuple[State, datetime]] = {}
        self._lock = threading.RLock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._closing = threading.Event()
        self._renewing: threading.Thread | None = None
        finalize(self, self._closing.set)

    def address(self, scenario: str) -> str:
        """Return the address of *scenario*'s replica, which is made if nobody has asked for it before."""
        with self._lock:
            replica = self._replicas.get(scenario)
            if replica is None:
                database = self._database(scenario)
                replica = Replica(
                    database, records=self._records, people=self._people, renderer=self._renderer
                )
                self._bring_up(scenario, replica)
                self._replicas[scenario] = replica
                self._start_renewing()
            return replica.database.address

    def changed(self, scenario: str) -> None:
        """Bring *scenario*'s replica up to date, if there is one: somebody has written, or moved the clock."""
        with self._lock:
            replica = self._replicas.get(scenario)
            if replica is not None:
                self._bring_up(scenario, replica)

    def close(self) -> None:
        """Remove every replica."""
        self._closing.set()
        if self._renewing is not None:
            self._renewing.join(timeout=_PATIENCE_SECONDS)
        with self._lock:
            for replica in self._replicas.values():
                replica.close()
            self._replicas = {}
            if self._folder is not None:
                self._folder.cleanup()

    def answer(self, call: Call) -> Answer:
        """Tell where the replica is; everything else over HTTP is nothing that Elevjournal has."""
        if call.method in {"GET", "HEAD"} and call.path in {"", "/"}:
            body = {
                "adress": self.address(call.state.name),
                "kommundelar": [part.schema for part in parts_of(self._region)],
            }
            return Answer(200, orjson.dumps(body))
        return self.refuse(404)

    def keyword(self, reason: Reason) -> str:
        """Return the keyword for *reason*."""
        word: str = words()["nyckelord"][reason]
        return word

    def identify(self, call: Call) -> Identity | None:
        """Return None: no call over HTTP is about anybody."""
        del call
        return None

    def refuse(self, status: int, *, retry_after: int | None = None) -> Answer:
        """Say that the journal is read over SQL."""
        headers = (("Retry-After", str(retry_after)),) if retry_after is not None else ()
        text = {"fel": "Elevjournal läses över SQL. Adressen finns på systemets rot."}
        return Answer(status, orjson.dumps(text), headers)

    def missing(self, event: Event) -> list[str]:
        """Return the places in *event* that the tables cannot hold."""
        missing = []
        if event.unit.hsa_id not in self._units:
            missing.append("unit")
        for name, actor in (("author", event.author), ("signature", event.signature)):
            if actor is not None and actor.role is not None and title_of(actor.role) is None:
                missing.append(f"{name}.role")
        if event.type == "growth-observations" and (
            event.author.role is None or event.author.role.code is None
        ):
            missing.append("author.role.code")
        if event.note_code is not None and event.note_code.code not in words()["anteckningstyper"]:
            missing.append("note_code")
        return missing

    def guide(self, base_url: str) -> list[tuple[str, str]]:
        """Return where to ask for the address, and a first query."""
        return [
            ("Hämta adressen / get the address", f"curl -s {base_url}/"),
            (
                "Läs en tabell / read a table",
                f"sqlite3 -readonly <fil/file> 'SELECT * FROM \"{parts_of(self._region)[0].schema}.skola\"'",  # noqa: S608 - names are the layout's own
            ),
        ]

    def _bring_up(self, scenario: str, replica: Replica) -> None:
        scenarios = self._records.scenarios
        state = scenarios.state(scenario)
        now = state.now(scenarios.real_us())
        shown, at = self._shown.get(scenario, (None, None))
        if shown is not state or at != now:
            replica.bring_up(state, now)
            self._shown[scenario] = (state, now)

    def _database(self, scenario: str) -> Database:
        if self._server is not None:
            schemas = [part.schema for part in parts_of(self._region)]
            return PostgresDatabase(
                self._server, region=self._region.name, scenario=scenario, schemas=schemas
            )
        return SqliteDatabase(self._place() / f"{self.name}-{scenario}.sqlite")

    def _place(self) -> Path:
        """Return where files go: beside the state, in a folder of the region's own, or in a temporary one."""
        path = getattr(self._records.scenarios.store, "path", None)
        if isinstance(path, Path):
            folder = path.with_name(f"{path.stem}-{self._region.name}-repliker")
            folder.mkdir(exist_ok=True)
            return folder
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="anslut-elevjournal-")
        return Path(self._folder.name)

    def _start_renewing(self) -> None:
        if self._renewing is None:
            self._renewing = threading.Thread(target=self._renew, name="elevjournal-renew", daemon=True)
            self._renewing.start()

    def _renew(self) -> None:
        """Bring up to date, once a second, those whose clock runs by itself."""
        while not self._closing.wait(_RENEW_SECONDS):
            for scenario in list(self._replicas):
                try:
                    if self._records.scenarios.state(scenario).mode == "running":
                        self.changed(scenario)
                except Exception as error:  # noqa: BLE001 - one replica that cannot be written stops no other
                    sys.stderr.write(f"anslut: {self.name} was not renewed: {type(error).__name__}\n")


def create_system(records: Records, *, secret: bytes, region: Region) -> Elevjournal:
    """Return the region's Elevjournal; it has no tokens, so *secret* is not used."""
    del secret
    return Elevjournal(records, region=region)
