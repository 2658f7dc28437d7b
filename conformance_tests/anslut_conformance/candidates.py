"""The connector under test, opened in one of three ways, with what can be observed of it each way."""

from __future__ import annotations

import importlib
import sys
import traceback
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
    from wsgiref.types import WSGIApplication

#: Why an observation is missing when we did not start the connector; the report says it as it stands.
_NOT_OURS = (
    'anslutningen startades för hand: starta den med --start "kommando" (started by hand: use --start)'
)


#: What a piece of WSGI middleware usually calls the application it wraps.
_WRAPPED = ("app", "application", "inner", "wrapped")


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
def by_command(  # noqa: PLR0913 - all named at the call
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
def by_url(
    url: str, *, ca_file: str | None = None, certificate: tuple[str, str] | None = None
) -> Iterator[Candidate]:
    """Open a connector that somebody else has started; *certificate* is a client's, with its key."""
    door = HttpDoor(url, verify=ca_file or True, certificate=certificate)
    try:
        yield Candidate(door=door, description=url, missing={"files": _NOT_OURS, "process": _NOT_OURS})
    finally:
        door.close()


@contextmanager
def application_of(target: str, environment: Mapping[str, str]) -> Iterator[WSGIApplication]:
    """Yield the WSGI application behind *target*, and end what runs beside it afterwards.

    Raise `ConfigurationError` when *target* is neither a connector class nor a factory of the right kind, or
    cannot be made with these settings.
    """
    from anslut.connector import Connector  # noqa: PLC0415 - only an in-process run needs the SDK
    from anslut.door import create_app  # noqa: PLC0415
    from anslut.settings import Settings  # noqa: PLC0415

    made = load(target)
    if not callable(made):
        raise ConfigurationError(f"{target} is neither a connector class nor a factory")
    settings = Settings.from_environment(environment)
    try:
        product = made(settings)
        application = (
            create_app(product, settings=settings, rivta=True) if isinstance(product, Connector) else product
        )
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise ConfigurationError(
            f"{target} could not be made: {type(error).__name__}: {error}",
            hint=f"{last.filename}:{last.lineno}",
        ) from error
    if not callable(application):
        raise ConfigurationError(
            f"{target} returned {type(product).__name__}", hint="return a Connector or a WSGI application"
        )
    try:
        yield application
    finally:
        _close(application)


def _close(application: object) -> None:
    """End what runs beside an application, when it says how: `close` on it, on the SDK's door, or on what it wraps."""
    while application is not None:
        door = getattr(application, "extensions", {}).get("anslut", application)
        close = getattr(door, "close", None)
        if callable(close):
            close()
            return
        application = next(
            (getattr(application, name) for name in _WRAPPED if hasattr(application, name)),
            None,
        )


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
