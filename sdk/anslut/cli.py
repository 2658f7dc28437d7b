"""The `anslut` command: finds its subcommands by entry point, and imports one only when it is asked for.

Every package of the distribution adds its own to the group `anslut.commands`. A command's module imports only
click at its top, so that help is quick and needs no extra.
"""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path

import click

GROUP = "anslut.commands"


class LazyGroup(click.Group):
    """A group whose commands come from the entry points of `anslut.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names, sorted."""
        return sorted({*super().list_commands(ctx), *_commands()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command; one whose extra is not installed says so when it is used."""
        command = super().get_command(ctx, cmd_name)
        entry_point = _commands().get(cmd_name)
        if command is not None or entry_point is None:
            return command
        try:
            loaded = entry_point.load()
        except ModuleNotFoundError as error:
            return _unavailable(cmd_name, _missing(entry_point, error))
        return loaded if isinstance(loaded, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a missing extra becomes a message that names it."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            entry_point = _commands().get(ctx.invoked_subcommand or "")
            if entry_point is None or (error.name or "").startswith("anslut"):
                raise
            raise click.ClickException(_missing(entry_point, error)) from None


def _commands() -> dict[str, EntryPoint]:
    return {entry_point.name: entry_point for entry_point in entry_points(group=GROUP)}


def _missing(entry_point: EntryPoint, error: ModuleNotFoundError) -> str:
    package = entry_point.module.partition(".")[0]
    if not package.startswith("anslut_") or (error.name or "").startswith("anslut"):
        return f"`anslut {entry_point.name}` cannot be loaded: the module {error.name} is missing"
    extra = package.removeprefix("anslut_")
    return f"`anslut {entry_point.name}` needs the extra {extra}: pip install 'anslut[{extra}]'"


def _unavailable(name: str, message: str) -> click.Command:
    def explain(**_: object) -> None:
        raise click.ClickException(message)

    return click.Command(
        name,
        callback=explain,
        short_help=f"(not installed) {message}",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        add_help_option=False,
    )


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("anslut"), prog_name="anslut")
def anslut() -> None:
    """Build, try and certify connectors for 1177 Journalen."""


def main() -> None:
    """Run the command, with the working folder importable, so that `my_module:MyConnector` is found."""
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.append(here)
    anslut.main(prog_name="anslut")
