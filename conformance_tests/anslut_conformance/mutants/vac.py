"""VAC: connectors that read a vaccination register as if it were any other system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_examples.vaxreg import BEGUN, NULLIFIED, VaxregConnector

from anslut_conformance.mutants.wrapping import Call, on_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut import Query, Settings
    from anslut.source.xml import XmlNode

    from anslut_conformance.mutants.wrapping import Wrapped

Entry = dict[str, Any]


def _on_entry(change: Callable[[Entry], None]) -> Callable[[Settings], Wrapped]:
    """Return a factory of Vaxreg connectors whose delivered entries are changed in place."""

    def change_all(document: dict[str, Any], call: Call) -> None:
        del call
        for entry in document["entries"]:
            change(entry)

    return on_answer(change_all, VaxregConnector)


def _doses(entry: Entry) -> Iterator[Entry]:
    yield from entry["body"].get("administrationRecord", ())


class DropsNullified(VaxregConnector):
    """Leaves nullified registrations out, as every other type wants it."""

    def rows_under(self, query: Query, number: str, linked: list[str]) -> Iterator[XmlNode]:
        """Yield what still stands."""
        for row in super().rows_under(query, number, linked):
            if row["status"] not in {BEGUN, NULLIFIED}:
                yield row


def renumbered_when_nullified(settings: Settings) -> Wrapped:
    """Give a nullified registration a new documentId, as a new version of it."""
    return _on_entry(_renumber)(settings)


def _renumber(entry: Entry) -> None:
    header = entry["header"]
    if header["nullified"]:
        header["documentId"] = f"{header['documentId']}-M"


def _first_dose(entry: Entry) -> None:
    entry["body"]["administrationRecord"] = entry["body"].get("administrationRecord", [])[:1]
    if not entry["body"]["administrationRecord"]:
        del entry["body"]["administrationRecord"]


#: Reads one vaccine of each registration.
one_dose_each = _on_entry(_first_dose)


def _filled_in(entry: Entry) -> None:
    for dose in _doses(entry):
        if "doseOrdinalNumber" not in dose and "numberOfPrescribedDoses" not in dose:
            dose["doseOrdinalNumber"] = 1


#: Fills in dose 1 where nobody has counted.
counts_from_one = _on_entry(_filled_in)


def _without_batch(entry: Entry) -> None:
    for dose in _doses(entry):
        dose.pop("vaccineBatchId", None)


#: Leaves the batch out.
no_batch = _on_entry(_without_batch)


def _typist(entry: Entry) -> None:
    author = entry["header"]["author"]
    for dose in _doses(entry):
        if "performer" not in dose and author.get("hsaId"):
            dose["performer"] = {"hsaId": author["hsaId"], "personName": author.get("name", "")}


#: Names whoever typed a card in as the one who gave the vaccine.
typist_as_vaccinator = _on_entry(_typist)


def _by_place(entry: Entry) -> None:
    for place, dose in enumerate(_doses(entry), start=1):
        dose["vaccinationUniqueReference"]["extension"] = str(place)


#: Numbers the doses within each registration, and takes that for a reference.
references_by_place = _on_entry(_by_place)
