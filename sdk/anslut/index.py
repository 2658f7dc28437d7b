"""Telling the engagement index: what changed in the source is posted there, data first, index second.

The announcer follows the source's change feed. For each person and information type in a helping it asks
the source what there is *now*, posts that, and only after the index has acknowledged moves its position. So
nothing is lost while the index is down, the index never points at what cannot be fetched, and an engagement
is deleted only when nothing is left. Reserve identities are never sent. The position is all that is kept.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from anslut_contracts import identity, information_types, time_form
from anslut_contracts.clock import SystemClock

from anslut import answers, deadline
from anslut.errors import IndexRefusedError, SettingsError, SourceDataError
from anslut.failures import where
from anslut.index_forms import index_form
from anslut.logs import get_logger
from anslut.positions import PositionKeeper
from anslut.query import Query

if TYPE_CHECKING:
    from anslut_contracts.clock import Clock

    from anslut.changes import Change
    from anslut.connector import Connector

MOST_TRANSACTIONS = 1_000
_LONGEST_WAIT_SECONDS = 30.0
_log = get_logger("anslut.index")


class Announcer:
    """Posts a connector's changes to the engagement index from a thread of its own."""

    def __init__(self, connector: Connector, *, clock: Clock | None = None) -> None:
        """Prepare; nothing is read or posted before `start` or `announce`."""
        settings = connector.settings
        if not settings.index_url:
            raise SettingsError("ANSLUT_INDEX_URL is not set, so there is no index to tell")
        self._connector = connector
        self._clock = clock or SystemClock()
        self._systems = settings.source_system_ids
        self._controller = settings.data_controller or self._systems[0].partition("-")[0]
        self._form = index_form(settings)
        self._keeper = PositionKeeper(
            settings.state_dir, name="\n".join((settings.source_url, settings.index_url, *self._systems))
        )
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to follow the feed, every `index_interval_seconds`, until `stop`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._follow, name="anslut-index", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish the helping at hand and end; what is not acknowledged is posted again next time."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self._keeper.close()

    def announce(self) -> bool:
        """Post one helping of changes, and return whether there are more at once.

        Raise `AnslutError` when source or index could not be asked; the position is where it was then.
        """
        seconds = self._connector.settings.deadline_seconds
        with deadline.limit(seconds):
            changes = self._connector.read_changes(self._keeper.position)
        transactions = [
            transaction for change in _distinct(changes.items) for transaction in self._transactions(change)
        ]
        for start in range(0, len(transactions), MOST_TRANSACTIONS):
            with deadline.limit(seconds):
                self._form.post(transactions[start : start + MOST_TRANSACTIONS])
        if changes.position is not None and changes.position != self._keeper.position:
            self._keeper.move(changes.position)
        return changes.has_more

    def _follow(self) -> None:
        interval = self._connector.settings.index_interval_seconds
        wait = 0.0
        while not self._stop.wait(wait):
            if not self._keeper.is_ours():
                wait = interval  # another process tells the index; be ready to take over
                continue
            try:
                wait = 0.0 if self.announce() else interval
            except Exception as error:  # noqa: BLE001 - whatever it was, the next try may do better
                wait = min(max(interval, wait * 2), _LONGEST_WAIT_SECONDS)
                said = (
                    {"code": error.code, "comment": error.comment}
                    if isinstance(error, IndexRefusedError)
                    else {}
                )
                _log.warning(
                    "the index could not be told; trying again", where=where(error), seconds=wait, **said
                )

    def _transactions(self, change: Change) -> list[dict[str, Any]]:
        if identity.is_reserve(change.patient_id) or change.type not in self._connector.serves:
            return []
        try:
            identity.parse(change.patient_id.root, change.patient_id.extension)
        except identity.IdentityError:
            _log.error("a change about an identity that cannot be one is left out", type=change.type)
            return []
        return [self._transaction(change, system) for system in self._systems]

    def _transaction(self, change: Change, system: str) -> dict[str, Any]:
        information_type = information_types()[change.type]
        latest = self._latest(change, system)
        engagement: dict[str, Any] = {
            "registeredResidentIdentification": change.patient_id.extension,
            "serviceDomain": information_type.service_domain,
            "categorization": information_type.index_category,
            "logicalAddress": system,
            "businessObjectInstanceIdentifier": "NA",
            "clinicalProcessInterestId": "NA",
            "sourceSystem": system,
            "dataController": self._controller,
        }
        if latest is not None:
            engagement["mostRecentContent"] = latest
        return {"deleteFlag": latest is None, "engagement": engagement}

    def _latest(self, change: Change, system: str) -> str | None:
        """Return when the latest thing in the person's entries happened, or `None` when there are none.

        Entries that cannot be delivered as they are do exist: the person is to learn that something could
        not be fetched, rather than that there is nothing.
        """
        query = Query(
            type=change.type,
            patient_id=change.patient_id,
            source_system_id=system,
            system=self._connector.system,
        )
        try:
            with deadline.limit(self._connector.settings.deadline_seconds):
                entries = answers.read_all(self._connector, query)
        except SourceDataError as error:
            _log.error(
                "entries of a changed person cannot be delivered", type=change.type, where=where(error)
            )
            return time_form.to_rivta(self._clock.now())
        times = [time for entry in entries for time in _times(change.type, entry)]
        return time_form.to_rivta(max(map(time_form.start_of, times))) if times else None


def _times(type_name: str, entry: dict[str, Any]) -> list[str]:
    header = entry["header"]
    found = information_types()[type_name].period_times(entry)
    found += [header["author"]["time"], header.get("documentTime"), header.get("signature", {}).get("time")]
    return [time for time in found if time]


def _distinct(items: tuple[Change, ...]) -> list[Change]:
    return list(dict.fromkeys(items))
