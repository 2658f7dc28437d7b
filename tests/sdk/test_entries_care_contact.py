"""Care contacts: made by the SDK, held by the contract, and found by the days they last."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from anslut import Author, Code, OrgUnit, Period, Query, from_local, header
from anslut.entries import AdditionalPatientInformation, PartialDate, care_contact
from anslut.errors import EntryInvalidError
from anslut.filtering import event_time, select
from anslut_contracts import validation

if TYPE_CHECKING:
    from anslut import Entry

BOOKED = from_local("2023-02-20 13:05:10")
BEGUN = from_local("2023-03-04 09:30:00")
ENDED = from_local("2023-03-09 11:00:00")


def contact(query: Query, *, document_id: str = "vk1", entered: Any = BOOKED, **changed: Any) -> Entry:
    """Return a valid care contact: a stay of some days."""
    about = header(
        query,
        document_id=document_id,
        author=Author(time=entered),
        care_provider="SE2321000999-V001",
        care_unit="SE2321000999-A1001",
        approved=True,
    )
    fields: dict[str, Any] = {
        "kind": Code.listed("care-contact-types", "3"),
        "status": Code.listed("care-contact-statuses", "53671000052101"),
        "start": BEGUN,
        "end": ENDED,
        "reason": "Lunginflammation.",
        "unit": OrgUnit(hsa_id="SE2321000999-A1001", name="Medicinavdelning 3"),
        "patient_information": AdditionalPatientInformation(
            date_of_birth=PartialDate.of("1990-01-02"), gender=Code.listed("sexes", "2")
        ),
    }
    return care_contact(about, **(fields | changed))


def test_a_contact_is_what_the_contract_allows(query: Query) -> None:
    """The schema judges the same JSON that the door sends."""
    made = contact(query).to_json()

    assert validation.errors("entry:care-contacts", made) == []
    assert made["body"]["careContactCode"]["displayName"] == "Vårdtillfälle"
    assert made["body"]["careContactTimePeriod"]["start"] == "2023-03-04T09:30:00+01:00"
    assert made["body"]["additionalPatientInformation"]["dateOfBirth"]["value"] == "19900102"


@pytest.mark.parametrize(
    ("changed", "breach"),
    [
        ({"start": ENDED, "end": BEGUN}, "/body/careContactTimePeriod: time-period-order"),
        ({"kind": Code.of("1", "Besök", system="1.2.3")}, "/body/careContactCode/codeSystem: const"),
        ({"unit": OrgUnit()}, "/body/careContactOrgUnit: minProperties"),
        (
            {"patient_information": AdditionalPatientInformation(gender=Code(original_text="kvinna"))},
            "/body/additionalPatientInformation/gender: required",
        ),
    ],
)
def test_a_contact_that_the_contract_refuses_is_not_made(
    query: Query, changed: dict[str, Any], breach: str
) -> None:
    """The author sees place and rule where the entry is made."""
    with pytest.raises(EntryInvalidError, match=breach):
        contact(query, **changed)


def test_a_contact_of_nothing_is_refused(query: Query) -> None:
    """An empty body says nothing; silence must not look like a contact."""
    nothing = dict.fromkeys(("kind", "status", "start", "end", "reason", "unit", "patient_information"))

    with pytest.raises(EntryInvalidError, match="/body: minProperties"):
        contact(query, **nothing)


@pytest.mark.parametrize("written", ["", "90", "1990-1", "1990-01-02T00"])
def test_a_partial_date_is_a_year_a_month_or_a_day(written: str) -> None:
    """Anything else cannot be told apart from another date."""
    with pytest.raises(ValueError, match="a year, a month or a day"):
        PartialDate.of(written)


def test_a_code_that_its_list_lacks_is_refused() -> None:
    """A code without its text would show as a number."""
    with pytest.raises(LookupError, match="care-contact-types has no such code"):
        Code.listed("care-contact-types", "17")
    with pytest.raises(LookupError, match="code-systems"):
        Code.listed("code-systems", "1.2.752.116.1.1.1.1.3")


def between(query: Query, days: tuple[str, str]) -> Query:
    """Return the question for care contacts in a period."""
    period = Period(start=date.fromisoformat(days[0]), end=date.fromisoformat(days[1]))
    return replace(query, type="care-contacts", period=period)


@pytest.mark.parametrize(
    ("days", "hit"),
    [
        (("2023-02-19", "2023-02-19"), False),
        (("2023-02-20", "2023-02-20"), True),
        (("2023-03-06", "2023-03-06"), True),
        (("2023-03-09", "2023-03-31"), True),
        (("2023-03-10", "2023-03-31"), False),
    ],
)
def test_a_contact_counts_for_every_day_from_first_to_last(
    query: Query, days: tuple[str, str], *, hit: bool
) -> None:
    """GetCareContacts compares periods as intervals: a day in the middle of a stay is a hit."""
    entry = contact(query).to_json()

    assert select(between(query, days), [entry]) == ([entry] if hit else [])


def test_a_contact_is_found_by_its_own_id(query: Query) -> None:
    """Other entries name the contact that they belong to; the contact's own id is its documentId."""
    entries = [contact(query, document_id=each).to_json() for each in ("vk1", "vk2")]

    asked = replace(query, type="care-contacts", care_contact_ids=frozenset({"vk2"}))

    assert select(asked, entries) == entries[1:]


def test_a_contact_happens_when_it_begins(query: Query) -> None:
    """Its place among the newest does not move when it ends."""
    going_on = contact(query, end=None).to_json()

    assert event_time("care-contacts", going_on) == int(BEGUN.timestamp())
    assert event_time("care-contacts", contact(query).to_json()) == int(BEGUN.timestamp())
