"""A connector for Elevjournal, a school health record that is read as a replica over SQL.

This module says what is read and what is delivered; `elevjournal_mapping` says what the columns mean. Everything
about one search is read in one transaction, so that no half of an update is ever taken for the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from anslut import (
    Change,
    Changes,
    KeywordNote,
    SchoolHealthConnector,
    exclusion_of,
    from_local,
    growth_observation,
    header,
    normalise,
    note,
    split_excluded,
)
from anslut.source.sql import SqlSource

from anslut_examples import elevjournal_mapping as elevjournal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import Entry, Header, Query, Settings
    from anslut.source.sql import SqlReading

    from anslut_examples.elevjournal_mapping import Row

TYPES = {"matning": "growth-observations", "anteckning": "care-documentation"}
PAGE = 100


class ElevjournalConnector(SchoolHealthConnector):
    """Answers 1177 Journalen out of Elevjournal."""

    product = "Elevjournal-anslutningen"
    vendor = "Anslut, exempel"
    version = "1.0"
    system = "elevjournal"
    capabilities: ClassVar[frozenset[str]] = frozenset({"index-updates"})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.source = SqlSource.from_settings(settings)

    def check_source(self) -> None:
        """Read what the replica says of itself: that takes the right address, the right login and a whole copy."""
        with self.source.reading() as reading:
            elevjournal.check_copy(reading)

    def read_growth_observations(self, query: Query) -> Iterator[Entry]:
        """Yield the measurements, those that were copied from child health too."""
        for schema, row in self.rows(query, "matning"):
            why = exclusion_of(
                self.profile, self.system, keyword=row["sokord"], template=row["mall"], unit=row["hsaid"]
            )
            if why is None or why.is_delivered:
                yield growth_observation(
                    self.header(query, row, id=row["id"], approved=why is None, growth=True),
                    patient=elevjournal.patient(row),
                    type=elevjournal.measure(row),
                    time=elevjournal.measured_at(row),
                    value=elevjournal.value(row, schema),
                    description=row["metod"],
                )

    def read_care_documentation(self, query: Query) -> Iterator[Entry]:
        """Yield each note in as many entries as it takes to keep what is excluded apart from the rest."""
        for _, row in self.rows(query, "anteckning"):
            written = KeywordNote(
                id=row["id"],
                system=self.system,
                template=row["mall"],
                unit=row["hsaid"],
                title=row["rubrik"],
                keywords=elevjournal.keywords(row["sokord"]),
            )
            for part in split_excluded(written, self.profile):
                yield note(
                    self.header(query, row, id=part.document_id, approved=part.approved),
                    code=elevjournal.note_type(row),
                    title=part.title,
                    text=part.text,
                )

    def read_changes(self, position: str | None) -> Changes:
        """Return what happened after *position*, which is the replica's own running number."""
        with self.source.reading() as reading:
            elevjournal.check_copy(reading)
            latest = (reading.row("SELECT MAX(lopnr) AS senaste FROM handelse") or {})["senaste"] or 0
            after = int(position or 0)
            if after > latest:  # the source was restored, and numbers from 1 again
                after = 0
            rows = reading.rows(
                f"SELECT * FROM handelse WHERE lopnr > ? ORDER BY lopnr LIMIT {PAGE}",  # noqa: S608 - a constant
                after,
            )
        items = tuple(
            Change(
                patient_id=normalise(row["personnummer"], today=from_local(row["tid"]).date()),
                type=TYPES[row["tabell"]],
            )
            for row in rows
        )
        last = rows[-1]["lopnr"] if rows else after
        return Changes(items=items, position=str(last) if last else position, has_more=last < latest)

    def rows(self, query: Query, table: str) -> Iterator[tuple[elevjournal.Schema, Row]]:
        """Yield the rows of *table* that the source stands by, of the pupil in every schema, linked numbers too."""
        with self.source.reading() as reading:
            elevjournal.check_copy(reading)
            for schema in elevjournal.schemas(reading):
                pupils = self.pupils(query, reading, schema)
                if not pupils:
                    continue
                found = elevjournal.entries(reading, schema, table, pupils)
                for row in found:
                    query.refuse_foreign(row["besokare"], among=pupils)
                    yield schema, row

    def pupils(self, query: Query, reading: SqlReading, schema: elevjournal.Schema) -> list[int]:
        """Return the pupil's keys in *schema*: one for each number that the pupil has had."""
        table = reading.table(schema.name, "elev")
        asked = reading.row(
            f"SELECT id, ersatt_av FROM {table} WHERE personnummer = ?",  # noqa: S608 - the source's own names
            elevjournal.number(query.patient_id),
        )
        if asked is None:
            return []
        if not self.profile.deliver_linked_identities:
            return [asked["id"]]
        now = asked["ersatt_av"] or asked["id"]
        linked = reading.rows(f"SELECT id FROM {table} WHERE ersatt_av = ?", now)  # noqa: S608 - as above
        return [now, *(row["id"] for row in linked)]

    def header(self, query: Query, row: Row, *, id: str, approved: bool, growth: bool = False) -> Header:  # noqa: A002 - the source's own word
        """Return the header that both types share; growth has its time in the body instead."""
        return header(
            query,
            document_id=id,
            document_time=None if growth else elevjournal.visited_at(row),
            author=elevjournal.author(row, bare=growth),
            signature=elevjournal.signature(row),
            care_provider=row["vardgivare"],
            care_unit=row["hsaid"],
            approved=approved,
        )
