"""SIG: connectors that sign for others, or forget who signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_conformance.mutants.reading import OpenKosmos
from anslut_conformance.mutants.wrapping import on_entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import Query
    from anslut_examples.kosmos_mapping import Row


#: What the bodies of types with signatures hold.
_SIGNED_TYPES = frozenset({"clinicalDocumentNoteCode", "typeOfDiagnosis", "groupOfAnalyses"})

#: The resources of those types in Kosmos.
_SIGNED = frozenset({"anteckningar", "diagnoser", "labbsvar"})


def _sign(entry: dict[str, Any]) -> None:
    if _SIGNED_TYPES & entry["body"].keys():
        entry["header"].setdefault("signature", {"time": entry["header"]["author"]["time"]})


#: Whoever wrote an entry is taken to have signed it.
everything_signed = on_entry(_sign)


class SignedOnly(OpenKosmos):
    """Delivers what is signed, and waits with the rest."""

    def record(self, query: Query, key: str, resource: str) -> Iterator[Row]:
        """Yield the signed entries."""
        for row in super().record(query, key, resource):
            if resource not in _SIGNED or any(act["typ"] == "signerad" for act in row["handelser"]):
                yield row


def _forget(entry: dict[str, Any]) -> None:
    entry["header"].pop("signature", None)


#: No entry ever looks signed.
signature_forgotten = on_entry(_forget)


def _own_series(entry: dict[str, Any]) -> None:
    if "signature" not in entry["header"]:
        entry["header"]["documentId"] = f"U{entry['header']['documentId']}"


#: Unsigned notes take their documentIds from a series of their own.
ids_of_unsigned = on_entry(_own_series, "care-documentation")


def _when_written(entry: dict[str, Any]) -> None:
    if "signature" in entry["header"]:
        entry["header"]["signature"]["time"] = entry["header"]["author"]["time"]


#: The time of entry is given as the time of signing.
signed_when_written = on_entry(_when_written)
