"""PAG: connectors that lose their place."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any

import orjson

from anslut_conformance.mutants.reading import OpenKosmos
from anslut_conformance.mutants.wrapping import OK, Call, Reply, Wrapped, on_answer, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut.settings import Settings
    from anslut_examples.kosmos_mapping import Row

_SIZE = 500
_FIVE_PAGES = 500


def _off_by_one(document: dict[str, Any], call: Call) -> None:
    if "hasMoreReference" in (call.query or {}):
        document["entries"] = document["entries"][1:]


#: The first entry of each following answer is lost.
off_by_one = on_answer(_off_by_one)


def readable_reference(settings: Settings) -> Wrapped:
    """Write the person's number into the reference, in base64."""

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        if call.type is None or call.query is None:
            return good(call)
        asked = call
        given = call.query.get("hasMoreReference")
        if isinstance(given, str):
            asked = call.asking({**call.query, "hasMoreReference": _unwrap(given)})
        reply = good(asked)
        document = reply.document() if reply.status == OK else {}
        if "hasMore" not in document:
            return reply
        plain = orjson.dumps({"person": call.extension, "at": document["hasMore"]["reference"]})
        document["hasMore"]["reference"] = base64.urlsafe_b64encode(plain).decode()
        return reply.having(document)

    return wrapped(settings, around)


def _unwrap(reference: str) -> str:
    try:
        return str(orjson.loads(base64.urlsafe_b64decode(reference))["at"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return "x"


def row_numbers(settings: Settings) -> Wrapped:
    """Count rows from the top: what is added at the top moves everything below it."""

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        if call.type is None or call.query is None:
            return good(call)
        query = {name: value for name, value in call.query.items() if name != "hasMoreReference"}
        given = call.query.get("hasMoreReference")
        start = 0 if given is None else _row(str(given), query)
        if start is None:
            return good(call)
        reply = good(call.asking(query))
        if reply.status != OK:
            return reply
        document = reply.document()
        everything = list(document["entries"])
        while "hasMore" in document and len(everything) <= start + _SIZE:
            document = good(
                call.asking({**query, "hasMoreReference": document["hasMore"]["reference"]})
            ).document()
            everything += document["entries"]
        answer = {"entries": everything[start : start + _SIZE], "result": document["result"]}
        if len(everything) > start + _SIZE:
            answer["hasMore"] = {"reference": _reference(start + _SIZE, query)}
        return reply.having(answer)

    return wrapped(settings, around)


def _reference(row: int, query: dict[str, Any]) -> str:
    seal = hashlib.sha256(
        b"row numbers" + str(row).encode() + orjson.dumps(query, option=orjson.OPT_SORT_KEYS)
    )
    return f"{row:x}.{seal.hexdigest()}"


def _row(reference: str, query: dict[str, Any]) -> int | None:
    try:
        row = int(reference.partition(".")[0], 16)
    except ValueError:
        return None
    return row if reference == _reference(row, query) else None


class FivePages(OpenKosmos):
    """Reads five pages of the source and no more."""

    def pages(self, key: str, resource: str) -> Iterator[Row]:
        """Yield the first five hundred."""
        for number, row in enumerate(super().pages(key, resource)):
            if number >= _FIVE_PAGES:
                return
            yield row
