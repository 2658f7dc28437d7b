"""Hold one pytest session over what every check recorded, so that the last line sums up all of them.

Each pytest run of the checks leaves a JUnit file, and tox leaves `tox.json`. Every recorded test and every
tox environment becomes one item here, with the outcome it had: nothing is run again, nothing is hidden.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INTERPRETERS = ("py311", "py312", "py313", "py314")


class RecordedFailureError(Exception):
    """A recorded check failed; the message is what it said then."""


class Recorded(pytest.Item):
    """One check that has been run, with the outcome it had."""

    failure: str | None = None
    skipped: str | None = None

    def runtest(self) -> None:
        """Repeat the recorded outcome."""
        if self.skipped is not None:
            pytest.skip(self.skipped)
        if self.failure is not None:
            raise RecordedFailureError(self.failure)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """Show what the check said, without a traceback of this module."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Name the check by its own name."""
        return self.path, None, self.name


class JUnitFile(pytest.File):
    """The tests that one environment recorded."""

    def collect(self) -> Iterator[Recorded]:
        """Yield one item per recorded test."""
        for case in ET.parse(self.path).iter("testcase"):  # noqa: S314 - written by our own run a moment ago
            name = f"{case.get('classname', '')}::{case.get('name', '')}"
            item = Recorded.from_parent(self, name=name)
            for child in case:
                text = f"{child.get('message') or ''}\n{child.text or ''}".strip()
                if child.tag in {"failure", "error"}:
                    item.failure = text or child.tag
                elif child.tag == "skipped":
                    item.skipped = child.get("message") or "skipped"
            yield item


class ToxFile(pytest.File):
    """The environments that tox ran, and the interpreters that it could not find."""

    def collect(self) -> Iterator[Recorded]:
        """Yield one item per environment, and one for tox itself."""
        recorded = json.loads(self.path.read_text("utf-8")).get("testenvs", {})
        # `.pkg` builds the wheel and has no result of its own: where it fails, those that need it fail.
        environments = {name: record for name, record in recorded.items() if not name.startswith(".")}
        whole = Recorded.from_parent(self, name="tox ran its environments")
        if not environments:
            whole.failure = "tox stopped before it recorded any environment: see the output above"
        elif not any(ran(environments[name]) for name in INTERPRETERS if name in environments):
            whole.failure = f"no tests ran: none of {', '.join(INTERPRETERS)} is on this machine"
        yield whole
        for name, record in sorted(environments.items()):
            item = Recorded.from_parent(self, name=f"tox environment {name}")
            result = record.get("result", {})
            if result.get("skipped") and name in INTERPRETERS:
                item.skipped = f"no Python {name[2]}.{name[3:]} on this machine"
            elif result.get("skipped"):
                item.failure = f"tox skipped environment {name}, which must always run"
            elif not result.get("success"):
                item.failure = f"tox environment {name} failed with exit code {result.get('exit_code')}"
            yield item


def ran(record: dict[str, Any]) -> bool:
    """Tell whether tox found what an environment needs and ran it."""
    return not record.get("result", {}).get("skipped")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """Collect JUnit files and tox's own record."""
    if file_path.suffix == ".xml":
        return JUnitFile.from_parent(parent, path=file_path)
    if file_path.name == "tox.json":
        return ToxFile.from_parent(parent, path=file_path)
    return None
