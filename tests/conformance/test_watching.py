"""What a connector prints and writes is seen; what the examiner itself writes is not blamed on it."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import types
from pathlib import Path

import pytest
from anslut_conformance.errors import ConfigurationError
from anslut_conformance.observation import Observations
from anslut_conformance.started import Started
from anslut_conformance.watching import captured_output, scratch_process, watched_files


def connector(source: str) -> types.ModuleType:
    """Return a module as a connector's author would write it, outside every package of ours."""
    module = types.ModuleType("some_vendor")
    exec(compile(source, "/somewhere/some_vendor.py", "exec"), module.__dict__)  # noqa: S102 - that is the test
    return module


WRITES = """
import logging, os, sqlite3, tempfile
from pathlib import Path
def with_open(path): open(path, "w").close()
def with_pathlib(path): Path(path).write_text("x")
def with_os(path): os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
def with_temporary(_): tempfile.NamedTemporaryFile(delete=False).close()
def relative(_): Path("left.txt").write_text("x")
def with_sqlite(_):
    import sqlite3
    base = sqlite3.connect("left.db"); base.execute("create table t (x)"); base.commit(); base.close()
def speak(text): print(text); logging.getLogger("vendor").info(text)
"""


@pytest.mark.parametrize(
    "way", ["with_open", "with_pathlib", "with_os", "with_temporary", "relative", "with_sqlite"]
)
def test_every_way_to_leave_a_file_is_seen(tmp_path: Path, way: str) -> None:
    """Inside the folder it was given or anywhere else."""
    scratch, elsewhere = tmp_path / "scratch", tmp_path / "elsewhere.txt"
    with scratch_process(scratch, {}), watched_files(scratch) as files:
        getattr(connector(WRITES), way)(str(elsewhere))
        found = files()

    assert len(found) == 1


def test_what_the_examiner_writes_and_what_is_only_read_is_not_the_connectors(tmp_path: Path) -> None:
    """A false accusation would teach people to ignore the rule."""
    (tmp_path / "source.txt").write_text("x")
    reader = connector("from pathlib import Path\ndef read(path): return Path(path).read_text()")
    ours = types.ModuleType("anslut_conformance.record")
    exec("def keep(path): open(path, 'w').close()", ours.__dict__)  # noqa: S102 - that is the test
    with watched_files(tmp_path / "scratch") as files:
        reader.read(str(tmp_path / "source.txt"))
        ours.keep(str(tmp_path / "evidence.ndjson"))

        assert files() == []


def test_prints_and_log_lines_are_caught_down_to_info() -> None:
    """Production runs at INFO; a number logged there must be seen here."""
    with captured_output() as output:
        connector(WRITES).speak("seen by nobody else")
        logging.getLogger("anslut_simulators.kosmos").error("the region's own")
        caught = output()

    assert caught.count("seen by nobody else") == 2
    assert "the region's own" not in caught


def test_the_process_is_put_back_as_it_was(tmp_path: Path) -> None:
    """Hundreds of examinations share one process."""
    before = (Path.cwd(), os.environ.get("TMPDIR"), tempfile.tempdir, logging.getLogger().level, sys.stdout)
    with captured_output(), scratch_process(tmp_path, {"ANSLUT_SOURCE_URL": "x"}):
        assert (Path.cwd(), tempfile.gettempdir()) == (tmp_path / "work", str(tmp_path / "tmp"))
        assert os.environ["ANSLUT_SOURCE_URL"] == "x"

    assert before == (
        Path.cwd(),
        os.environ.get("TMPDIR"),
        tempfile.tempdir,
        logging.getLogger().level,
        sys.stdout,
    )
    assert "ANSLUT_SOURCE_URL" not in os.environ


def test_the_access_log_begins_where_the_check_began(tmp_path: Path) -> None:
    """And, for a connector left running, where the run began."""
    path = tmp_path / "access.log"
    path.write_text('{"run": "before"}\n')
    seen = Observations(access_log_path=path)
    assert not seen.has_log()
    with path.open("a") as log:
        log.write('{"check": 1}\n')
    seen.mark()
    with path.open("a") as log:
        log.write('{"check": 2}\n')

    assert seen.access_log() == [{"check": 2}]
    assert "before" not in seen.access_log_text()
    assert seen.has_log()


PROGRAM = """
import http.server, os, sys
from pathlib import Path
Path("left.txt").write_text("in the working folder")
(Path(os.environ["HOME"]) / "home.txt").write_text("x")
(Path(os.environ["TMPDIR"]) / "tmp.txt").write_text("x")
print("told", os.environ["ANSLUT_SOURCE_URL"], sys.argv[1], flush=True)
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Ready).serve_forever()
"""


def test_a_started_program_is_told_its_settings_watched_and_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any language: it needs nothing of ours but the environment."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "program.py").write_text(PROGRAM)
    monkeypatch.chdir(here)
    monkeypatch.setenv("ANSLUT_LEFTOVER", "must not be told")
    with Started(
        command="python program.py {port}",
        environment={"ANSLUT_SOURCE_URL": "http://x"},
        scratch=tmp_path / "s",
    ) as started:
        started.wait(20)
        assert started.why_dead() is None
        assert sorted(path.name for path in started.files()) == ["home.txt", "left.txt", "tmp.txt"]

    assert started.output().startswith(f"told http://x {started.base_url.rsplit(':', 1)[1]}")
    assert started.why_dead() is not None
    assert not (here / "left.txt").exists()


def test_a_program_that_never_listens_is_the_set_ups_fault_and_its_last_words_are_shown(
    tmp_path: Path,
) -> None:
    """They usually say why."""
    command = f"""{sys.executable} -c 'print("no licence file", flush=True); import time; time.sleep(30)'"""
    with (
        Started(command=command, environment={}, scratch=tmp_path) as started,
        pytest.raises(ConfigurationError, match="not ready") as refused,
    ):
        started.wait(1.5)

    assert "no licence file" in refused.value.hint
