"""IDN: connectors that take one person for another, or for nobody."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from anslut_conformance.mutants.reading import OpenKosmos
from anslut_conformance.mutants.wrapping import OK, Call, Reply, Wrapped, on_entry, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut.settings import Settings
    from anslut_examples.kosmos_mapping import Row

_BIRTHDAY = 8
_COORDINATION = 60
_LENGTHS = (10, 12)


def birthday_lookup(settings: Settings) -> Wrapped:
    """Keep what was fetched under the birthday instead of the whole number."""
    kept: dict[tuple[str, str], dict[str, list[dict[str, Any]]]] = {}

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        reply = good(call)
        if call.type is None or reply.status != OK:
            return reply
        document = reply.document()
        same_day = kept.setdefault((call.type, call.extension[:_BIRTHDAY]), {})
        others = [entry for number, found in same_day.items() if number != call.extension for entry in found]
        same_day[call.extension] = list(document["entries"])
        patient = (call.query or {}).get("patientId")
        for entry in others:
            document["entries"].append({**entry, "header": {**entry["header"], "patientId": patient}})
        return reply.having(document)

    return wrapped(settings, around)


class Unlinked(OpenKosmos):
    """Reads the first record and none that are linked to it."""

    def linked(self, records: list[Row]) -> list[str]:
        """Return nothing."""
        del records
        return []


def _test_patient(entry: dict[str, Any]) -> None:
    entry["header"]["patientId"] = {"root": "1.2.752.129.2.1.3.1", "extension": "201103092381"}


#: The test patient's number was left in the code.
test_patient_left = on_entry(_test_patient)


def no_coordination_numbers(settings: Settings) -> Wrapped:
    """Refuse a day above 31."""

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        day = call.extension[6:8]
        if call.type is None or not day.isdigit() or int(day) <= _COORDINATION:
            return good(call)
        return good(call.asking({"patientId": {"root": "1.2.752.129.2.1.3.1", "extension": "0"}}))

    return wrapped(settings, around)


def repairs_identities(settings: Settings) -> Wrapped:
    """Make the best of a number: what cannot be repaired is a person nobody knows."""

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        reply = good(call)
        digits = re.sub(r"\D", "", call.extension)
        if (
            call.type is None
            or reply.status == OK
            or len(digits) not in _LENGTHS
            or not _names_identity(reply)
        ):
            return reply
        result = {"code": "OK", "logId": reply.document()["logId"]}
        return reply.having({"entries": [], "result": result}, status=OK, media_type="application/json")

    return wrapped(settings, around)


def _names_identity(reply: Reply) -> bool:
    errors = reply.document().get("errors") or []
    return any(error["path"].startswith("/patientId/extension") for error in errors)


def shared_answer(settings: Settings) -> Wrapped:
    """Keep the answer in an attribute that all threads share."""
    shared: dict[str, bytes] = {}

    def around(call: Call, good: Callable[[Call], Reply]) -> Reply:
        reply = good(call)
        if call.type is None or reply.status != OK:
            return reply
        shared["body"] = reply.body
        time.sleep(0.02)  # what writing to a slow consumer takes
        return replace(reply, body=shared["body"])

    return wrapped(settings, around)
