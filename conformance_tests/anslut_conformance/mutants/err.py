"""ERR: connectors that do not say when something failed, or say too much."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from anslut.door import create_app
from anslut.errors import AnslutError, SourceDataError, SourceFailedError
from anslut.source.oauth import TokenKeeper

from anslut_conformance.mutants.reading import OpenKosmos
from anslut_conformance.mutants.replies import problem_reply
from anslut_conformance.mutants.wrapping import OK, Call, Reply, Wrapped, on_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut import Query
    from anslut.settings import Settings
    from anslut_examples.kosmos_mapping import Row

_CLIENT_ERROR = 400


def _nothing_found(reply: Reply, call: Call) -> Reply:
    if call.type != "diagnoses" or reply.status != 503:  # noqa: PLR2004 - HTTP's own
        return reply
    result = {"code": "OK", "logId": reply.document()["logId"]}
    return reply.having({"entries": [], "result": result}, status=OK, media_type="application/json")


#: Diagnoses are an empty list when the source is not available.
empty_when_away = on_reply(_nothing_found)


class SwallowsEverything(OpenKosmos):
    """Takes every failure of the source for the end of the list."""

    def rows(self, query: Query, resource: str) -> Iterator[Row]:
        """Yield what can be had."""
        try:
            yield from super().rows(query, resource)
        except AnslutError:
            return


class RescuesWhatItCan(OpenKosmos):
    """Takes an answer that cannot be read for the last page."""

    def pages(self, key: str, resource: str) -> Iterator[Row]:
        """Yield the rows of pages that can be read."""
        try:
            yield from super().pages(key, resource)
        except SourceDataError:
            return


class StopsAtFailure(OpenKosmos):
    """Delivers what came before the source failed."""

    def rows(self, query: Query, resource: str) -> Iterator[Row]:
        """Yield rows until something fails; only a failure before the first row is one."""
        some = False
        try:
            for row in super().rows(query, resource):
                some = True
                yield row
        except SourceDataError:
            raise
        except SourceFailedError:
            if not some:
                raise


class _LateToken(TokenKeeper):
    """Fetches a new token for the next call, when the old one has failed in this."""

    def token(self, *, refused: str | None = None) -> str:
        if refused is not None:
            self._token = ""
            return refused
        return super().token()


class TokenTooLate(OpenKosmos):
    """Lets one call fail when its token has expired."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        client: Any = self.source
        client._tokens = _LateToken(client._fetch_token, source="Kosmos")  # noqa: SLF001 - the piece that is replaced


class Impatient(OpenKosmos):
    """Does not read Retry-After."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        client: Any = self.source
        client._session.hooks["response"].append(_without_retry_after)  # noqa: SLF001 - the piece that is replaced


def _without_retry_after(response: Any, **details: object) -> None:
    del details
    response.headers.pop("Retry-After", None)


def _page_not_found(reply: Reply, call: Call) -> Reply:
    del call
    if reply.status not in {404, 405}:
        return reply
    kept = tuple(one for one in reply.headers if one[0].lower() not in {"content-type", "content-length"})
    return Reply(
        status=reply.status,
        headers=(*kept, ("Content-Type", "text/html; charset=utf-8")),
        body=b"<!doctype html><title>Not found</title><h1>Not found</h1>",
    )


#: The framework's own page for what is not found.
framework_pages = on_reply(_page_not_found)


def _crash_on_lists(reply: Reply, call: Call) -> Reply:
    if call.type is not None and call.body.startswith(b"["):
        return problem_reply(500, "internal", "Something went wrong", retryable=False)
    return reply


#: Uses the body before it has looked at it.
breaks_on_lists = on_reply(_crash_on_lists)


def _quote(reply: Reply, call: Call) -> Reply:
    if call.type is None or not call.extension or not _CLIENT_ERROR <= reply.status < 500:  # noqa: PLR2004
        return reply
    if "<" not in call.extension:
        return reply
    return reply.having({**reply.document(), "detail": f"not an identity: {call.extension}"})


#: Quotes what it could not use.
quotes_input = on_reply(_quote)


class TrustsSource(OpenKosmos):
    """Takes whatever the source hands out for the person's own."""

    def record(self, query: Query, key: str, resource: str) -> Iterator[Row]:
        """Yield the rows without looking whose they are."""
        del query
        yield from self.pages(key, resource)


class _Remembering(OpenKosmos):
    """Remembers, for each thread, which rows came twice."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.local = threading.local()

    def pages(self, key: str, resource: str) -> Iterator[Row]:
        """Yield each row once."""
        seen: set[str] = set()
        for row in super().pages(key, resource):
            if row["id"] in seen:
                self.local.twice = {*getattr(self.local, "twice", ()), row["id"]}
            else:
                seen.add(row["id"])
                yield row


def duplicates_pass(settings: Settings) -> Wrapped:
    """Deliver twice what the source hands out twice."""
    connector = _Remembering(settings)

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        connector.local.twice = set()
        reply = good(call)
        if not connector.local.twice or reply.status != OK:
            return reply
        document = reply.document()
        again = [one for one in document["entries"] if one["header"]["documentId"] in connector.local.twice]
        document["entries"] += again
        return reply.having(document)

    return Wrapped(create_app(connector, settings=settings), around)
