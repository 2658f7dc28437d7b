"""NUL: connectors that keep what is gone, and deliver what is not there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_conformance.mutants.reading import OpenKosmos
from anslut_conformance.mutants.wrapping import OK, Call, Reply, Wrapped, on_entry, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut.settings import Settings
    from anslut_examples.kosmos_mapping import Row


class RemovedStays(OpenKosmos):
    """Delivers notes whatever their status, drafts excepted."""

    def pages(self, key: str, resource: str) -> Iterator[Row]:
        """Yield removed notes as if they stood."""
        for row in super().pages(key, resource):
            removed = resource == "anteckningar" and row["status"] == "borttagen"
            yield {**row, "status": "klar"} if removed else row


def first_owner(settings: Settings) -> Wrapped:
    """Remember whom an entry was first delivered for, and never deliver it for anybody else."""
    owners: dict[str, str] = {}

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        reply = good(call)
        if call.type is None or reply.status != OK:
            return reply
        document = reply.document()
        person = str((call.query or {})["patientId"]["root"]) + call.extension
        document["entries"] = [
            entry
            for entry in document["entries"]
            if owners.setdefault(entry["header"]["documentId"], person) == person
            or not call.extension.isdigit()
        ]
        return reply.having(document)

    return wrapped(settings, around)


class Drafts(OpenKosmos):
    """Takes drafts for unsigned entries."""

    statuses = frozenset({"klar", "utkast"})


def _say_not_nullified(entry: dict[str, Any]) -> None:
    entry["header"]["nullified"] = False


#: Uses one header for every type.
one_header = on_entry(_say_not_nullified, "diagnoses")
