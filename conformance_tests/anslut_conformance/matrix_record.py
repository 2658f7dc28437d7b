"""When a recorded kill matrix may stand in for trying every mutant again: the same code gives the same verdicts.

The build tries a share of the mutants even then, others for each state of the code, so that a record that does not
keep its word is found out.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b, sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from anslut_conformance.matrix import RECORDED, Mutant, Row, good, mutants, stale

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PACKAGES: Final = ("anslut_contracts", "anslut", "anslut_simulators", "anslut_conformance", "anslut_examples")
_SUFFIXES: Final = frozenset({".csv", ".gz", ".json", ".py", ".toml"})
SHARE: Final = 6
"""One in so many is tried although the record is of this code."""


def code_digest() -> str:
    """Return the SHA-256 over the modules and data of all five packages: what a verdict can depend on.

    Libraries and Python's version are not in it.
    """
    digest = sha256()
    for name in PACKAGES:
        digest.update(f"{name} {folder_digest(_folder(name))}\n".encode())
    return digest.hexdigest()


def folder_digest(folder: Path) -> str:
    """Return the SHA-256 over the names and bytes of a folder's modules and data, without the record itself."""
    digest = sha256()
    found = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.suffix in _SUFFIXES
    }
    for name, path in sorted(found.items()):
        if path.name != RECORDED.name:
            digest.update(name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@cache
def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(package)
    return Path(spec.origin).parent


def is_of_this_code(document: Mapping[str, Any] | None, code: str) -> bool:
    """Say whether a recorded matrix is whole, exact, and made with the code whose digest is *code*."""
    return (
        document is not None
        and not stale(dict(document))
        and document.get("codeDigest") == code
        and {row["name"] for row in document["rows"]} == {one.name for one in (*good(), *mutants())}
        and all(row["exact"] for row in document["rows"])
    )


def spot(mutants: Iterable[Mutant], code: str) -> list[Mutant]:
    """Return one in `SHARE` of *mutants*, chosen by the code: the same for the same, others for another."""
    return [one for one in mutants if _lot(f"{code} {one.name}") % SHARE == 0]


def _lot(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def rows_of(document: Mapping[str, Any]) -> dict[str, Row]:
    """Return the rows of a recorded matrix by the mutant's name."""
    rows: dict[str, Row] = {}
    for recorded in document["rows"]:
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in recorded.items()
        }
        del values["exact"]
        rows[values["name"]] = Row(**values)
    return rows
