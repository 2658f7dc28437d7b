"""What Kosmos' words mean in the contract's words: codes, numbers, people, keywords, laboratory values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut import (
    Analysis,
    AnalysisGroup,
    Author,
    Code,
    Countersignature,
    Identifier,
    Keyword,
    Lookup,
    OrgUnit,
    Reference,
    Referral,
    Result,
    Signature,
    Specimen,
    Value,
    from_local,
    is_reserve,
)
from anslut.errors import SourceDataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from anslut import PersonId, SourceClient

Row = dict[str, Any]

HSA_ID = "1.2.752.129.2.1.4.1"
LISTS = (
    "anteckningstyper",
    "diagnoser",
    "analyser",
    "roller",
    "enheter",
    "material",
    "svarsstatus",
    "kontakttyper",
    "kontaktstatus",
    "doseringsenheter",
    "remisstatus",
    "remisstyper",
    "remissformer",
)
NEVER = "9999-12-31 00:00:00"
DEVIATIONS = {"H": "Högt", "L": "Lågt"}
HL7_INTERPRETATION = "2.16.840.1.113883.5.83"
YEARS_TO_PLUS = 100


class KosmosCodes:
    """Kosmos' code lists; they are the same for everybody, so they may be kept for a while."""

    def __init__(self, kosmos: SourceClient) -> None:
        def load(name: str) -> Mapping[str, Row]:
            return {row["lokal"]: row for row in kosmos.get(f"/api/v2/koder/{name}")["koder"]}

        self._lists = {name: Lookup(lambda name=name: load(name)) for name in LISTS}  # type: ignore[misc]  # bound now

    def code(self, name: str, local: str) -> Code:
        """Return the national code for a *local* one; where there is none, the text it stands for."""
        row = self._lists[name].get(local)
        return Code.of(row["kod"], row["text"], system=row["kodverk"]) if row else Code(original_text=local)

    def unit(self, local: str) -> Row:
        """Return the care unit; without it nobody can say whose entry this is."""
        row = self._lists["enheter"].get(local)
        if row is None:
            raise SourceDataError("an entry's unit is not on Kosmos' list of units")
        return row


def number(person: PersonId, *, today: date) -> dict[str, str]:
    """Return *person* as Kosmos is asked: ten digits, with a plus from the year somebody turns a hundred."""
    if is_reserve(person):
        return {"reservnummer": person.extension}
    born, rest = person.extension[:8], person.extension[8:]
    separator = "+" if today.year - int(born[:4]) >= YEARS_TO_PLUS else "-"
    return {"personnummer": f"{born[2:]}{separator}{rest}"}


def moment(text: str | None) -> datetime | None:
    """Return a time, or None for what Kosmos writes where nobody knows when."""
    return None if text is None or text == NEVER else from_local(text)


def last_act(row: Row, *kinds: str) -> Row | None:
    """Return the latest of an entry's acts of these *kinds*: Kosmos lists them in order of time."""
    return next((act for act in reversed(row["handelser"]) if act["typ"] in kinds), None)


def author(row: Row, codes: KosmosCodes, *, at_unit: bool = True) -> Author:
    """Return who stands for the text as it reads now: whoever changed it last, *at_unit* with where they work."""
    act = last_act(row, "skapad", "andrad")
    if act is None:
        raise SourceDataError("an entry that nobody has entered")
    unit = codes.unit(row["enhet"])
    where = OrgUnit(hsa_id=unit["hsaid"], name=unit["namn"]) if at_unit else None
    return Author(**_who(act, codes), org_unit=where)


def signature(row: Row, codes: KosmosCodes) -> Signature | None:
    """Return who signed, or None: an unsigned entry is shown too, as unsigned."""
    act = last_act(row, "signerad")
    if act is None:
        return None
    who = _who(act, codes)
    return Signature(time=who["time"], hsa_id=who["hsa_id"], name=who["name"])


def countersignature(row: Row, codes: KosmosCodes) -> Countersignature | None:
    """Return who verified an answer where it was ordered (vidimering); the laboratory signs for itself."""
    act = last_act(row, "vidimerad")
    if act is None:
        return None
    who = _who(act, codes)
    hsa_id = Identifier(root=HSA_ID, extension=who["hsa_id"]) if who["hsa_id"] else None
    return Countersignature(timestamp=who["time"], id=hsa_id, name=who["name"], by_role=who["role"])


def _who(act: Row, codes: KosmosCodes) -> Row:
    who = act["av"]
    role = codes.code("roller", who["roll"]) if who["roll"] else None
    return {"time": from_local(act["tid"]), "hsa_id": who["id"], "name": who["namn"], "role": role}


def keywords(rows: list[Row]) -> tuple[Keyword, ...]:
    """Return a note's tree of keywords (sökord)."""
    return tuple(
        Keyword(term=row["term"], text=row.get("text"), children=keywords(row["barn"])) for row in rows
    )


def referral(row: Row, *, source: str) -> Referral:
    """Return the order that a laboratory answers; of its time, Kosmos knows when the specimen was taken."""
    return Referral(
        identifier=Identifier(root=source, extension=row["remissnr"]),
        timestamp=from_local(row["provtid"]),
        question=row.get("fragestallning"),
    )


def analysis_groups(row: Row, codes: KosmosCodes) -> list[AnalysisGroup]:
    """Return the analyses of a laboratory answer, in the laboratory's groups."""
    taken = from_local(row["provtid"])
    groups = []
    for group in row["grupper"]:
        analyses = [
            Analysis(
                code=codes.code("analyser", one["kod"])
                if one["kod"]
                else Code(original_text=one["benamning"]),
                status=codes.code("svarsstatus", one["status"]),
                specimen=[
                    Specimen(
                        timestamp=taken,
                        material=codes.code("material", one["material"]) if one["material"] else None,
                    )
                ],
                # No value yet is no result: an awaited one is not the same as an empty one.
                result=[_result(one)] if one["varde"] else None,
                comment=None if one["varde"] else one.get("kommentar"),
            )
            for one in group["analyser"]
        ]
        groups.append(AnalysisGroup(name=group["namn"], analysis=analyses))
    return groups


def _result(one: Row) -> Result:
    unit = one["enhet"] or ""
    deviation = one["avvikande"]
    return Result(
        value=Value.of(one["varde"], unit=unit),
        reference=Reference.of(one["ref"], unit=unit) if one["ref"] else None,
        interpretation=[Code.of(deviation, DEVIATIONS[deviation], system=HL7_INTERPRETATION)]
        if deviation
        else None,
        comment=one.get("kommentar"),
    )
