"""How a question becomes an answer: check, read, hold against the contract, filter, page, log."""

from __future__ import annotations

import time
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts import information_types, validation
from anslut_contracts.errors import ContractError
from anslut_contracts.identity import PersonId

from anslut import deadline, paging
from anslut.entries.entry import Entry
from anslut.errors import (
    AnslutError,
    AskAgainError,
    AskDifferentlyError,
    ConnectorFailedError,
    ForeignEntryError,
    InvalidQueryError,
    SourceDataError,
    SourceFailedError,
    UnknownTypeError,
    WrongSourceSystemError,
)
from anslut.failures import where
from anslut.filtering import select
from anslut.logs import get_logger
from anslut.query import Period, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from anslut.connector import Connector
    from anslut.query import Caller

_log = get_logger("anslut")
_COMMON_FILTERS = ("careUnitIds", "careProviderIds", "careContactIds")


def search(  # noqa: PLR0913 - all named at the call
    connector: Connector,
    type_name: str,
    document: Mapping[str, Any],
    *,
    caller: Caller,
    page_size: int | None = None,
    tell: Callable[[Mapping[str, Any]], bool] | None = None,
) -> dict[str, Any]:
    """Answer *document* (plain JSON) and leave a line in the access log, whatever the outcome.

    *page_size* is the settings' unless given; entries that *tell* says no to are left out. A consumer that the region
    profile excludes gets none (rule EXC-011).
    """
    started = time.perf_counter()
    outcome, query, answer = "internal", None, None
    try:
        with deadline.limit(connector.settings.deadline_seconds):
            query = read_query(connector, type_name, document)
            if caller.consumer_hsa_id and connector.profile.excludes_consumer(caller.consumer_hsa_id):
                answer = _nothing(caller)
            else:
                answer = _answer(
                    connector,
                    query,
                    document,
                    caller,
                    page_size=page_size or connector.settings.page_size,
                    tell=tell,
                )
        outcome = "ok"
    except AnslutError as error:
        if isinstance(error, SourceFailedError) and error.source is None and query is not None:
            # A mapping that cannot make sense of a row need not know the source's name.
            error.source = query.source_system_id
        outcome = error.slug
        _tell(error, type_name=query.type if query else None, log_id=caller.log_id)
        raise
    except Exception as error:  # noqa: BLE001 - an author's code may raise anything, and none of it may come out
        _log.error("connector failed", log_id=caller.log_id, type=type_name, where=where(error))
        raise ConnectorFailedError("the connector's own code failed") from None
    finally:
        entries = answer["entries"] if answer else []
        connector.access_log.write(
            caller,
            type_name=query.type if query else None,
            patient=(query.patient_id.root, query.patient_id.extension) if query else None,
            care_units={unit for entry in entries if (unit := entry["header"].get("careUnitHsaId"))},
            count=len(entries),
            outcome=outcome,
            milliseconds=(time.perf_counter() - started) * 1000,
        )
    return answer


def _tell(error: AnslutError, *, type_name: str | None, log_id: str) -> None:
    """Log what is not the caller's to mend, so that the problem's log id leads somewhere."""
    if isinstance(error, AskDifferentlyError):
        return
    tell = _log.warning if isinstance(error, AskAgainError) else _log.error
    tell(
        "a search failed",
        log_id=log_id,
        type=type_name,
        problem=error.slug,
        detail=str(error),
        places=[f"{breach.path} {breach.rule}" for breach in error.errors],
    )


def read_query(connector: Connector, type_name: str, document: Mapping[str, Any]) -> Query:
    """Return *document* as a `Query`; raise the `AskDifferentlyError` that says what is wrong with it."""
    if type_name not in connector.serves:
        raise UnknownTypeError("this connector does not answer for that information type")
    errors = validation.errors(f"query:{type_name}", document)
    systems = connector.settings.source_system_ids
    asked_system = document.get("sourceSystemId")
    if errors:
        raise InvalidQueryError("the query breaks the contract's schema", errors=errors)
    if asked_system is None and len(systems) > 1:
        raise WrongSourceSystemError(
            "this connector has several source systems: say which, in sourceSystemId"
        )
    if asked_system is not None and asked_system not in systems:
        raise WrongSourceSystemError("sourceSystemId is not a source system of this connector")
    return Query(
        type=type_name,
        patient_id=PersonId(**document["patientId"]),
        source_system_id=asked_system or systems[0],
        system=connector.system,
        period=_period(document.get("period")),
        care_unit_ids=frozenset(document.get("careUnitIds", ())),
        care_provider_ids=frozenset(document.get("careProviderIds", ())),
        care_contact_ids=frozenset(document.get("careContactIds", ())),
        own_filters={name: document[name] for name in _own_filters(type_name) if document.get(name)},
    )


@cache
def _own_filters(type_name: str) -> tuple[str, ...]:
    """Return the filters that only this information type has."""
    return tuple(name for name in information_types()[type_name].filter_fields if name not in _COMMON_FILTERS)


def _period(document: Mapping[str, str] | None) -> Period | None:
    if document is None:
        return None
    return Period(start=date.fromisoformat(document["start"]), end=date.fromisoformat(document["end"]))


def _answer(  # noqa: PLR0913 - all named at the call
    connector: Connector,
    query: Query,
    document: Mapping[str, Any],
    caller: Caller,
    *,
    page_size: int,
    tell: Callable[[Mapping[str, Any]], bool] | None,
) -> dict[str, Any]:
    key = connector.settings.key("paging reference")
    digest = paging.query_digest(query.type, document, key)
    reference = document.get("hasMoreReference")
    after = paging.read_reference(reference, digest, key) if reference else None
    placed = [
        (paging.position(query.type, entry, key), entry)
        for entry in select(query, read_all(connector, query))
        if tell is None or tell(entry)
    ]
    entries, last = paging.page(placed, after=after, size=page_size)
    answer: dict[str, Any] = {"entries": entries}
    if last is not None:
        answer["hasMore"] = {"reference": paging.write_reference(last, digest, key)}
    answer["result"] = {"code": "OK", "logId": caller.log_id}
    return answer


def _nothing(caller: Caller) -> dict[str, Any]:
    """Return what a consumer gets that the region profile excludes; the source is not asked."""
    return {"entries": [], "result": {"code": "OK", "logId": caller.log_id}}


def _entries(connector: Connector, query: Query) -> Iterator[object]:
    """Yield what the reader yields; what it chokes on in the source's data becomes the source's failure."""
    try:
        yield from connector.read(query)
    except (ContractError, LookupError, TypeError, ValueError) as error:
        _log.error("the source's data could not be read", type=query.type, where=where(error))
        raise SourceDataError(
            "the source's data is not what the connector expects", source=query.source_system_id
        ) from None


def read_all(connector: Connector, query: Query) -> list[dict[str, Any]]:
    """Return all the reader's entries as plain JSON, unfiltered; each about the person asked for, and once.

    Raise `ForeignEntryError` for somebody else's entry, and `SourceDataError` for two with one documentId: an
    answer that may be wrong is no answer.
    """
    asked = {"root": query.patient_id.root, "extension": query.patient_id.extension}
    now = deadline.current()
    seen: set[str] = set()
    found: list[dict[str, Any]] = []
    for entry in _entries(connector, query):
        now.check(source=query.source_system_id)
        if not isinstance(entry, Entry) or entry.type != query.type:
            raise ConnectorFailedError(f"the reader of {query.type} yielded something else than its entries")
        plain = entry._document  # noqa: SLF001 - the entry's own, checked JSON; a copy would cost time
        header = plain["header"]
        if header["patientId"] != asked:
            raise ForeignEntryError("an entry is about somebody else", source=query.source_system_id)
        if header["sourceSystemHsaId"] != query.source_system_id:
            raise SourceDataError("an entry names another source system", source=query.source_system_id)
        if header["documentId"] in seen:
            raise SourceDataError("two entries have the same documentId", source=query.source_system_id)
        seen.add(header["documentId"])
        found.append(plain)
    return found
