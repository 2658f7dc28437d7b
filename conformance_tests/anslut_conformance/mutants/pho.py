"""PHO: connectors for advice on the phone that take drafts for notes, callers for patients and halves for wholes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from anslut.source.ndjson import Row, Stream
from anslut_examples.radgivning import RadgivningConnector
from anslut_examples.radgivning_mapping import Heading, RadgivningCodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests
    from anslut import Query, Settings

_SAVED = {"typ": "anteckning", "signerad": None, "makulerad": False}


class DraftsToo(RadgivningConnector):
    """Delivers every version of a note that it finds in the stream."""

    def rows(self, query: Query, part: str) -> Iterator[Row]:
        """Yield drafts as if they were saved."""
        for row in super().rows(query, part):
            yield {**row, **_SAVED} if row["typ"] == "utkast" else row


class _CodedHeadings(RadgivningCodes):
    def words(self, name: str, said: Heading) -> str:
        return said.kod if said.kod and name == "rubriker" else super().words(name, said)


class HeadingsAsCodes(RadgivningConnector):
    """Looks for excluded headings among the source's codes."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.codes = _CodedHeadings(lambda name: self.lines("GET", f"/v1/kodverk/{name}").rows)


class TellsWhoCalled(RadgivningConnector):
    """Writes who called into the reason of the contact, so that it can be seen."""

    def rows(self, query: Query, part: str) -> Iterator[Row]:
        """Yield calls with their callers."""
        if part != "samtal":
            yield from super().rows(query, part)
            return
        callers = {
            row["samtal"]: section["text"]
            for row in super().rows(query, "anteckningar")
            if row["typ"] == "anteckning"
            for section in row["avsnitt"]
            if section["niva"] > 1 and "text" in section
        }
        for row in super().rows(query, part):
            caller = callers.get(row["id"])
            yield {**row, "orsak": {"fri": caller}} if caller else row


class PlaysRecordings(RadgivningConnector):
    """Fetches the recording of each call, to be sure that it is there."""

    def rows(self, query: Query, part: str) -> Iterator[Row]:
        """Yield the lines, and follow every reference on the way."""
        person = {
            "typ": "PNR",
            "nummer": f"{query.patient_id.extension[:8]}-{query.patient_id.extension[8:]}",
        }
        asked = {"person": person, "delar": ["inspelningar"]}
        if query.patient_id.root == "1.2.752.129.2.1.3.1":
            for row in self.lines("POST", "/v1/strommar", json=asked).rows:
                if row["typ"] == "inspelning":
                    self.source.ask("GET", row["ref"], expect=(200, 403))
        yield from super().rows(query, part)


def _as_they_come(response: requests.Response, source: str) -> Stream:
    """Return what lines there are, whether or not they are all."""
    del source
    rows: list[Row] = []
    for line in response.content.splitlines():
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            break
        if row["typ"] != "slut":
            rows.append(row)
    return Stream(rows=tuple(rows), end={"senaste": max((row.get("lopnr", 0) for row in rows), default=0)})


class LinesAsTheyCome(RadgivningConnector):
    """Takes the lines that there are, and never looks for the last."""

    def lines(self, method: str, path: str, **what: Any) -> Stream:
        """Return as much of a stream as came."""
        found: Stream = self.source.ask(method, path, read=_as_they_come, **what).document
        return found
