"""What a run has found so far, one JSON line per check, on disk before the next check begins."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import orjson

from anslut_conformance.errors import ConfigurationError, ReportRefusedError
from anslut_conformance.redaction import refuse_unsafe
from anslut_conformance.verdicts import CheckResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from anslut_conformance.redaction import Redactor


class Record:
    """An evidence file that grows; *redactor* cleans every line before it is written."""

    def __init__(self, path: Path, *, redactor: Redactor) -> None:
        self.path = path
        self._redactor = redactor

    def begin(self, about: Mapping[str, Any]) -> None:
        """Start the file anew: its first line says what is run."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(orjson.dumps({"run": dict(about)}) + b"\n")

    def append(self, result: CheckResult) -> None:
        """Add a result; one that holds a number that may be a real person's is kept without what it was shown."""
        line = orjson.dumps(self._redactor.clean_values(asdict(result)))
        try:
            refuse_unsafe(line.decode(), where=self.path.name)
        except ReportRefusedError as error:
            bare = replace(
                result, message=str(error), expected=None, got=None, patient=None, details=(), exchanges=()
            )
            line = orjson.dumps(asdict(bare))
        with self.path.open("ab") as file:
            file.write(line + b"\n")

    def resume(self, about: Mapping[str, Any]) -> list[CheckResult]:
        """Return what an interrupted run of the same order has judged; raise `ConfigurationError` for another's.

        A last line cut short by the interruption is left out.
        """
        found, results = read(self.path)
        if found != dict(about):
            raise ConfigurationError(
                f"{self.path} belongs to another run",
                hint="give the same connector and options, or leave out --resume",
            )
        self.begin(about)
        kept = [result for result in results if result.verdict in _FINAL]
        for result in kept:
            self.append(result)
        return kept


#: What need not be asked again after an interruption.
_FINAL = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE})


def read(path: Path) -> tuple[dict[str, Any], list[CheckResult]]:
    """Return what the run was and its results; raise `ConfigurationError` when *path* is no evidence file."""
    try:
        lines = path.read_bytes().splitlines()
        about = orjson.loads(lines[0])["run"]
    except (OSError, IndexError, KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise ConfigurationError(f"{path} is no evidence file", hint="run once without --resume") from error
    results = []
    for line in lines[1:]:
        try:
            results.append(result_from_json(orjson.loads(line)))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            continue  # the line being written when the run was interrupted
    return about, results


def result_from_json(document: Mapping[str, Any]) -> CheckResult:
    """Return a result read back from JSON values."""
    return CheckResult(
        **{
            **document,
            "rules": tuple(document["rules"]),
            "verdict": Verdict(document["verdict"]),
            "details": tuple((key, value) for key, value in document["details"]),
            "exchanges": tuple(document["exchanges"]),
        }
    )
