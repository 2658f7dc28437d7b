"""The command finds what is installed, quickly, and says what is not."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from anslut import Settings, cli
from anslut.errors import SettingsError
from anslut.loading import load_connector
from click.testing import CliRunner

if TYPE_CHECKING:
    from anslut.connector import Connector

COMMAND = str(Path(sys.executable).with_name("anslut"))


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command."""
    return subprocess.run(arguments, capture_output=True, text=True, check=False, cwd=cwd)


@pytest.mark.slow
@pytest.mark.parametrize("command", [[COMMAND], [sys.executable, "-m", "anslut"]])
def test_help_names_the_commands(command: list[str]) -> None:
    """The first thing a newcomer types."""
    told = run(*command, "--help")

    assert told.returncode == 0
    assert "serve" in told.stdout
    assert "Run a connector's HTTP door." in told.stdout


@pytest.mark.parametrize("command", ["", *cli.anslut.list_commands(click.Context(cli.anslut))])
def test_help_keeps_its_lines(command: str) -> None:
    """An escape that reached the page has joined the lines below it: examples and exit codes in one paragraph."""
    told = CliRunner().invoke(cli.anslut, [*command.split(), "--help"])

    assert told.exit_code == 0
    assert "\\b" not in told.output


def test_help_imports_nothing_heavy() -> None:
    """Nobody waits for web servers, validators and pytest to be told what there is."""
    script = (
        "import sys\nfrom anslut.cli import main\nsys.argv = ['anslut', '--help']\n"
        "try:\n    main()\nfinally:\n    print('LOADED', *{name.split('.')[0] for name in sys.modules})"
    )

    told = run(sys.executable, "-c", script)

    loaded = set(told.stdout.rpartition("LOADED")[2].split())
    assert "click" in loaded
    assert loaded.isdisjoint(
        {"flask", "requests", "pytest", "lxml", "jsonschema", "jsonschema_rs", "gunicorn", "rich"}
    )


def test_a_command_s_module_imports_only_click() -> None:
    """Heavy imports wait until the command runs."""
    script = "import sys, anslut.commands.serve; print(sorted({m.split('.')[0] for m in sys.modules}))"

    told = run(sys.executable, "-c", script)

    assert told.returncode == 0, told.stderr
    heavy = ("flask", "gunicorn", "requests", "jsonschema_rs", "structlog")
    assert not any(f"'{name}'" in told.stdout for name in heavy)


def entry(module: str) -> EntryPoint:
    """Return an entry point for a command."""
    return EntryPoint(name="simulate", value=f"{module}:command", group=cli.GROUP)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("anslut_simulators.needs_faker", "pip install 'anslut[simulators]'"),
        ("anslut_conformance.needs_faker", "pip install 'anslut[conformance]'"),
    ],
)
@pytest.mark.parametrize("when", ["top", "call"])
def test_a_command_whose_extra_is_missing_says_which(
    monkeypatch: pytest.MonkeyPatch, module: str, message: str, when: str
) -> None:
    """Whether the missing module is met when the command is loaded or when it runs."""

    @click.command()
    def needs() -> None:
        raise ModuleNotFoundError(name="faker")

    def load(_self: EntryPoint) -> click.Command:
        if when == "top":
            raise ModuleNotFoundError(name="faker")
        return needs

    monkeypatch.setattr(EntryPoint, "load", load)
    monkeypatch.setattr(cli, "entry_points", lambda **_: [entry(module)])

    told = CliRunner().invoke(cli.anslut, ["simulate"])

    assert told.exit_code == 1
    assert message in told.output
    assert CliRunner().invoke(cli.anslut, ["--help"]).exit_code == 0


def test_a_bug_of_ours_is_not_taken_for_a_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of our own that is not there is our fault."""

    @click.command()
    def needs() -> None:
        raise ModuleNotFoundError(name="anslut_simulators.missing")

    monkeypatch.setattr(EntryPoint, "load", lambda _self: needs)
    monkeypatch.setattr(cli, "entry_points", lambda **_: [entry("anslut_simulators.x")])

    assert isinstance(CliRunner().invoke(cli.anslut, ["simulate"]).exception, ModuleNotFoundError)


@pytest.mark.slow
def test_the_working_folder_s_modules_are_found(tmp_path: Path) -> None:
    """A console script does not look there by itself."""
    (tmp_path / "mine.py").write_text("raise SystemExit('found it')", "utf-8")

    assert "found it" in run(COMMAND, "serve", "mine:Connector", cwd=tmp_path).stderr


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("no_colon", "MODULE:CLASS"),
        (":Class", "MODULE:CLASS"),
        ("nowhere.at.all:Class", "nowhere"),
        ("json:Nothing", "no Nothing"),
        ("builtins:repr", "RecordConnector"),
    ],
)
def test_what_cannot_be_loaded_is_explained(target: str, message: str) -> None:
    """The message says what was looked for."""
    with pytest.raises(SettingsError, match=message):
        load_connector(target, Settings())


def test_a_function_may_make_the_connector(connector: Connector, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class is only the usual way."""
    monkeypatch.setattr("json.make_connector", lambda _settings: connector, raising=False)

    assert load_connector("json:make_connector", Settings()) is connector
