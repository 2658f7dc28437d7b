"""Looks over a connector's shoulder in this process: what it prints, logs and writes, in a folder of its own."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import sysconfig
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

#: Modules that write files in this process on the examiner's behalf, not the connector's.
_OURS = ("anslut_conformance.", "anslut_simulators.", "_pytest.", "pluggy.", "pytest.", "sqlite3.")
_NOT_OURS = ("anslut_conformance.mutants",)

_STANDARD_LIBRARY = sysconfig.get_paths()["stdlib"]

_WRITING = ("w", "a", "x", "+")


@contextmanager
def scratch_process(scratch: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Move this process into *scratch* for a while: working folder, TMPDIR, HOME and the settings given."""
    work, temporary, home = (scratch / name for name in ("work", "tmp", "home"))
    for folder in (work, temporary, home):
        folder.mkdir(parents=True, exist_ok=True)
    told = {**environment, "TMPDIR": str(temporary), "HOME": str(home)}
    before = {key: os.environ.get(key) for key in told}
    here, temporary_before = Path.cwd(), tempfile.tempdir
    os.environ.update(told)
    os.chdir(work)
    tempfile.tempdir = str(temporary)
    try:
        yield
    finally:
        os.chdir(here)
        tempfile.tempdir = temporary_before
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


@contextmanager
def captured_output() -> Iterator[Callable[[], str]]:
    """Catch what is printed and logged; yields a function that returns it so far."""
    caught = io.StringIO()
    handler = logging.StreamHandler(caught)
    handler.addFilter(lambda record: not record.name.startswith(("anslut_simulators", "werkzeug")))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    # Production runs log at INFO; a leak there must be seen here too.
    root.setLevel(logging.INFO)
    try:
        with contextlib.redirect_stdout(caught), contextlib.redirect_stderr(caught):
            yield caught.getvalue
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@contextmanager
def watched_files(scratch: Path) -> Iterator[Callable[[], list[Path]]]:
    """Note every file the connector opens for writing, wherever, and everything left in *scratch*."""
    _install()
    written: set[Path] = set()
    _listeners.append(written)
    try:
        yield lambda: sorted({path for path in written if path.is_file()} | set(files_below(scratch)))
    finally:
        _listeners.remove(written)


def files_below(folder: Path) -> list[Path]:
    """Return every regular file in *folder*, at any depth, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


_listeners: list[set[Path]] = []
_installed: list[bool] = []


def _install() -> None:
    # An audit hook cannot be taken away again: one per process, which does nothing while nobody listens.
    if not _installed:
        sys.addaudithook(_hear)
        _installed.append(True)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not _listeners:
        return
    path, mode, flags = arguments
    if not isinstance(path, str | os.PathLike | bytes):
        return
    writes = any(sign in mode for sign in _WRITING) if isinstance(mode, str) else _opens_for_writing(flags)
    if not writes:
        return
    text = os.fsdecode(path)
    if (
        text.endswith((".pyc", os.devnull))
        or ".pyc." in text
        or not _by_connector(
            sys._getframe(1)  # noqa: SLF001 - an audit hook is told no caller
        )
    ):
        return
    for written in _listeners:
        written.add(Path(text).absolute())


def _opens_for_writing(flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _by_connector(frame: FrameType | None) -> bool:
    """Tell who opens: the innermost caller that is not the standard library decides."""
    while frame is not None:
        name = f"{frame.f_globals.get('__name__', '')}."
        if name.startswith(_NOT_OURS):
            return True
        if name.startswith(_OURS) or name.startswith(("importlib.", "zipimport.")):
            return False
        if not frame.f_code.co_filename.startswith((_STANDARD_LIBRARY, "<frozen")):
            return True
        frame = frame.f_back
    return False
