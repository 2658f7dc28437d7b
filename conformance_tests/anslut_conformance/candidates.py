"""The connector under test, opened in one of three ways, with what can be observed of it each way."""

from __future__ import annotations

import importlib
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anslut_conformance.doors import Door, HttpDoor, InProcessDoor
from anslut_conformance.errors import ConfigurationError
from anslut_conformance.started import Started
from anslut_conformance.watching import captured_output, scratch_process, watched_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: Why an observation is missing when we did not start the connector; the report says it as it stands.
_NOT_OURS = 'anslutningen startades inte av granskaren: starta den med --start "kommando" (started by hand: use --start)'


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A connector that can be asked: its door, and the ways to look beside the answers."""

    door: Door
    description: str
    list_files: Callable[[], list[Path]] | None = None
    read_output: Callable[[], str] | None = None
    missing: Mapping[str, str] = field(default_factory=dict)
    why_dead: Callable[[], str | None] = lambda: None


@contextmanager
def by_name(target: str, environment: Mapping[str, str], scratch: Path) -> Iterator[Candidate]:
    """Open `module:Class` or `module:factory` in this process, in a working folder of its own.

    A connector class is put behind the SDK's door; a factory is called with the settings and returns a connector
    or a WSGI application.
    """
    with ExitStack() as stack:
        output = stack.enter_context(captured_output())
        stack.enter_context(scratch_process(scratch, environment))
        files = stack.enter_context(watched_files(scratch))
        application = stack.enter_context(application_of(target, environment))
        yield Candidate(
            door=InProcessDoor(application),
            description=target,
            list_files=files,
            read_output=output,
        )


@contextmanager
def by_command(
    command: str,
    environment: Mapping[str, str],
    scratch: Path,
    *,
    port: int,
    url: str | None,
    patience: float,
) -> Iterator[Candidate]:
    """Start *command* in a working folder of its own and wait until it is ready."""
    with Started(command=command, environment=environment, scratch=scratch, port=port, url=url) as started:
        door = HttpDoor(started.base_url)
        started.wait(patience)
        try:
            yield Candidate(
                door=door,
                description=command,
                list_files=started.files,
                read_output=started.output,
                why_dead=started.why_dead,
            )
        finally:
            door.close()


@contextmanager
def by_url(url: str, *, ca_file: str | None = None) -> Iterator[Candidate]:
    """Open a connector that somebody else has started."""
    door = HttpDoor(url, verify=ca_file or True)
    try:
        yield Candidate(door=door, description=url, missing={"files": _NOT_OURS, "process": _NOT_OURS})
    finally:
        door.close()


@contextmanager
def application_of(target: str, environment: Mapping[str, str]) -> Iterator[Any]:
    """Yield the WSGI application behind *target*, with its index announcer running when it declares one.

    Raise `ConfigurationError` when *target* is neither a connector class nor a factory of the right kind.
    """
    from anslut.connector import INDEX_UPDATES, Connector  # noqa: PLC0415 - only an in-process run needs the SDK
    from anslut.door import create_app  # noqa: PLC0415
    from anslut.index import Announcer  # noqa: PLC0415
    from anslut.settings import Settings  # noqa: PLC0415

    made = load(target)
    settings = Settings.from_environment(environment)
    if not callable(made):
        raise ConfigurationError(f"{target} is neither a connector class nor a factory")
    product = made(settings)
    application = create_app(product, settings=settings) if isinstance(product, Connector) else product
    if not callable(application):
        raise ConfigurationError(
            f"{target} returned {type(product).__name__}", hint="return a Connector or a WSGI application"
        )
    connector = product if isinstance(product, Connector) else _connector_behind(application)
    announcer = None
    if isinstance(connector, Connector) and INDEX_UPDATES in connector.capabilities and settings.index_url:
        announcer = Announcer(connector)
        announcer.start()
    try:
        yield application
    finally:
        if announcer is not None:
            announcer.stop()


def _connector_behind(application: Any) -> Any:
    """Return the connector an application answers for: `connector` on it, on its Flask door, or on what it wraps."""
    while application is not None:
        if hasattr(application, "connector"):
            return application.connector
        door = getattr(application, "extensions", {}).get("anslut")
        if door is not None:
            return getattr(door, "connector", None)
        application = next(
            (
                getattr(application, name)
                for name in ("app", "application", "inner")
                if hasattr(application, name)
            ),
            None,
        )
    return None


def load(target: str) -> Any:
    """Return what `module:name` names; raise `ConfigurationError` saying what could not be found."""
    module_name, _, name = target.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        # A console script does not put the working folder on the path, and connectors live there.
        sys.path.insert(0, here)
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"there is no module {error.name!r} to import",
            hint="start in the folder that holds it, or install the package",
        ) from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise ConfigurationError(f"{module_name} has no {name!r}", hint="write it as module:Class")
        found = getattr(found, part)
    return found
