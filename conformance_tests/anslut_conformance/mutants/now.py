"""NOW: connectors that show yesterday's record, and tell the index too little, too soon or too late."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from anslut.door import create_app
from anslut.index import Announcer
from anslut_examples.kosmos import KosmosConnector, kosmos_change

from anslut_conformance.mutants.reading import OpenKosmos
from anslut_conformance.mutants.wrapping import OK, Call, Reply, Wrapped, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

    from anslut.changes import Change, Changes
    from anslut.connector import Connector
    from anslut.settings import Settings
    from anslut_examples.kosmos_mapping import Row


def nightly_copy(settings: Settings) -> Wrapped:
    """Show only entries that were there when the question was first asked; the rest comes tonight."""
    copied: dict[bytes, set[str]] = {}

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        reply = good(call)
        if call.type is None or reply.status != OK:
            return reply
        document = reply.document()
        there = {entry["header"]["documentId"] for entry in document["entries"]}
        known = copied.setdefault(call.path.encode() + call.body, there)
        document["entries"] = [one for one in document["entries"] if one["header"]["documentId"] in known]
        return reply.having(document)

    return wrapped(settings, around)


class VersionInId(OpenKosmos):
    """Makes the number of corrections part of a note's documentId."""

    def row(self, row: Row, resource: str) -> Row:
        """Return the entry with another id for each version."""
        corrections = sum(act["typ"] == "andrad" for act in row["handelser"])
        if resource != "anteckningar" or not corrections:
            return row
        return {**row, "id": f"{row['id']}.{corrections}"}


class _Altered(KosmosConnector):
    """A connector whose change feed is read wrongly."""

    def read_changes(self, position: str | None) -> Changes:
        """Return the changes that are left."""
        changes = super().read_changes(position)
        return replace(changes, items=tuple(one for one in changes.items if self.counts(one)))

    def counts(self, change: Change) -> bool:
        """Tell whether a change is passed on."""
        raise NotImplementedError


class NotesAndDiagnosesOnly(_Altered):
    """Tells the index of notes and diagnoses; laboratory answers came later and were forgotten."""

    def counts(self, change: Change) -> bool:
        """Tell whether it is no laboratory answer."""
        return change.type != "laboratory-results"


def _with_announcer(
    settings: Settings, announcer: Callable[[Connector], Announcer], connector: type[KosmosConnector]
) -> WSGIApplication:
    """Return a good door whose index is told by *announcer*."""
    made = connector(settings)
    app = create_app(made, settings=settings)
    door: Any = app.extensions["anslut"]
    door.announcer.stop()
    door.announcer = announcer(made)
    door.announcer.start()
    return app


class _Early(Announcer):
    """Posts a person as soon as anything happens about them."""

    def _transaction(self, change: Change, system: str) -> dict[str, Any]:
        transaction = super()._transaction(change, system)
        if change.type == "care-documentation":
            transaction["deleteFlag"] = False
            transaction["engagement"]["mostRecentContent"] = "20231115080000"  # now, in the simulated world
        return transaction


def index_first(settings: Settings) -> WSGIApplication:
    """Tell the index that something is coming before it can be fetched."""
    return _with_announcer(settings, _Early, KosmosConnector)


class _Eager(Announcer):
    """Posts a deletion when the feed tells of one."""

    def _transaction(self, change: Change, system: str) -> dict[str, Any]:
        transaction = super()._transaction(change, system)
        # Asked after the changes were read, so that none of them is missed.
        source: Any = self._connector
        after = self._keeper.position or "0"
        rows = source.source.get("/api/v2/andringar", params={"efter": after, "antal": 100})["handelser"]
        if change in {kosmos_change(row) for row in rows if row["handelse"] == "borttagen"}:
            transaction["deleteFlag"] = True
            transaction["engagement"].pop("mostRecentContent", None)
        return transaction


def eager_deletion(settings: Settings) -> WSGIApplication:
    """Delete an engagement when one of several entries goes."""
    return _with_announcer(settings, _Eager, KosmosConnector)


class _Noted(KosmosConnector):
    """Remembers what it last read of the feed."""

    noted: Changes | None = None

    def read_changes(self, position: str | None) -> Changes:
        """Return the changes after *position*."""
        self.noted = super().read_changes(position)
        return self.noted


class _Forgetful(Announcer):
    """Moves its position whether the index has acknowledged or not."""

    def announce(self) -> bool:
        try:
            return super().announce()
        finally:
            source: Any = self._connector
            if source.noted is not None and source.noted.position is not None:
                self._keeper.move(source.noted.position)


def position_first(settings: Settings) -> WSGIApplication:
    """Forget a change when the index was not there to hear of it."""
    return _with_announcer(settings, _Forgetful, _Noted)
