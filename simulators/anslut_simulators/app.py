"""The simulators of one region as a WSGI application, for any server."""

from __future__ import annotations

import os
from hashlib import blake2b
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Flask, Response, redirect
from werkzeug.exceptions import HTTPException

from anslut_simulators.calls import KeepsCopy
from anslut_simulators.control.plane import control_blueprint, problem_response
from anslut_simulators.country import default_population
from anslut_simulators.faults.standing import standing_faults
from anslut_simulators.gate import BODY_LIMIT, Gate
from anslut_simulators.index_receiver import IndexReceiver
from anslut_simulators.journal import Journal
from anslut_simulators.overlay import Records
from anslut_simulators.problems import ProblemError
from anslut_simulators.scenario import Mode, Scenarios, real_now_us
from anslut_simulators.store import is_url, open_store
from anslut_simulators.systems import described_systems, named

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response as BaseResponse

    from anslut_simulators.calls import System, SystemFactory
    from anslut_simulators.country import Population, Region

EXTENSION: Final = "anslut"


class RegionApp:
    """What a running region is made of; `Flask.extensions["anslut"]` holds it."""

    def __init__(
        self,
        region: str,
        *,
        population: Population,
        state: Path | str | None,
        mode: Mode,
        real_us: Callable[[], int],
    ) -> None:
        if region not in population.regions:
            known = ", ".join(sorted(population.regions))
            raise ValueError(f"no region is called that; known regions: {known}")
        self.region = population.regions[region]
        self.store = open_store(state, region=region)
        self.scenarios = Scenarios(self.store, start=population.world.clock_start, mode=mode, real_us=real_us)
        self.records = Records(population, self.scenarios, region=region)
        self.journal = Journal(self.store, asked=self.records.follow)
        self.index = IndexReceiver(self.records, region=self.region)
        secret = blake2b(region.encode(), key=b"anslut-simulators", digest_size=32).digest()
        self.systems = find_systems(self.records, secret=secret, region=self.region)
        self.gate: Gate | None = None

    def close(self) -> None:
        """Stop what runs and close the database."""
        if self.gate is not None:
            self.gate.close()
        for system in self.systems.values():
            if isinstance(system, KeepsCopy):
                system.close()
        self.journal.close()
        self.store.close()


def create_app(
    region: str | None = None,
    *,
    state: Path | str | None = None,
    population: Population | None = None,
    mode: Mode | None = None,
    real_us: Callable[[], int] = real_now_us,
) -> Flask:
    """Return a region's simulators as an application.

    What is not given comes from the environment: `ANSLUT_SIMULATOR_REGION`, else `fjallmark`;
    `ANSLUT_SIMULATOR_STATE`, the file or `postgresql://` address that workers share, else a temporary file;
    `ANSLUT_SIMULATOR_CLOCK`, whether scenarios' clocks begin `running`, else frozen.
    """
    chosen = state or os.environ.get("ANSLUT_SIMULATOR_STATE")
    if chosen is None and parent_process() is not None:
        raise ValueError(
            "worker processes must share what is written: set ANSLUT_SIMULATOR_STATE to a file's path"
            " or a postgresql:// address"
        )
    parts = RegionApp(
        region or os.environ.get("ANSLUT_SIMULATOR_REGION", "fjallmark"),
        population=population or default_population(),
        state=chosen if is_url(chosen) else Path(chosen) if chosen else None,
        mode=mode or ("running" if os.environ.get("ANSLUT_SIMULATOR_CLOCK") == "running" else "frozen"),
        real_us=real_us,
    )
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.extensions[EXTENSION] = parts
    app.register_blueprint(
        control_blueprint(
            parts.records,
            systems=parts.systems,
            journal=parts.journal,
            index=parts.index,
            region=parts.region,
        )
    )
    app.add_url_rule("/", view_func=_to_start)
    app.register_error_handler(ProblemError, problem_response)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _bug)
    parts.gate = Gate(
        app.wsgi_app,
        scenarios=parts.scenarios,
        systems={**parts.systems, parts.index.name: parts.index},
        journal=parts.journal,
        standing=standing_faults(parts.records.population, region=parts.region.name),
    )
    app.wsgi_app = parts.gate  # type: ignore[method-assign]
    return app


def find_systems(records: Records, *, secret: bytes, region: Region) -> dict[str, System]:
    """Return the source systems that the region runs, by name; a folder with a `system.json` can be one."""
    found: dict[str, System] = {}
    for entry in region.systems:
        described = described_systems().get(entry.program)
        if described is not None:
            factory: SystemFactory = named(described.factory)
            # Most programs have one installation in a region, and know its name.
            named_otherwise = {} if entry.system == described.name else {"name": entry.system}
            found[entry.system] = factory(records, secret=secret, region=region, **named_otherwise)
    return found


def _to_start() -> BaseResponse:
    return redirect("/_sim/")


def _http_problem(error: HTTPException) -> Response:
    status = error.code or 500
    answer = problem_response(ProblemError(status, f"http-{status}", error.name))
    if status == 405:  # noqa: PLR2004 - HTTP's own
        answer.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return answer


def _bug(error: Exception) -> Response:
    # The message may quote what the caller sent, so only its type is shown.
    return problem_response(ProblemError(500, "internal", "The simulator broke", detail=type(error).__name__))
