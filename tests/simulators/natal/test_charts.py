"""Charts: pages, whose data stands in them, labels, and what changes as the clock moves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from anslut_simulators.natal.render import Renderer
from anslut_simulators.population import default_population
from msgspec.structs import replace

if TYPE_CHECKING:
    from anslut_simulators import ControlClient
    from anslut_simulators.truth import Identity
    from natal_caller import Natal

DOCUMENTS = {"Composition", "Observation"}


def number(name: str) -> Identity:
    """Return the persona's identity of today."""
    return default_population().personas()[name].identity


@pytest.mark.parametrize("size", [1, 7, 40, 200])
def test_pages_lose_and_double_nothing(natal: Natal, size: int) -> None:
    """Whatever the page size, all pages together are the chart."""
    whole = natal.everything(number("natal-vanlig"))
    paged = natal.everything(number("natal-vanlig"), f"_count={size}")

    ids = [f"{one['resourceType']}/{one['id']}" for one in paged]
    assert len(set(ids)) == len(ids) == len(whole) > 60


@pytest.mark.parametrize("kind", ["Procedure", "Condition", "EpisodeOfCare", "Encounter", "Observation"])
def test_what_few_events_have_is_found_on_small_pages_too(natal: Natal, kind: str) -> None:
    """A page is not short because the newest events have nothing of the kind."""
    who = number("natal-vanlig")
    own = {"reference": f"Patient/{natal.key(who)}"}
    whole = {
        one["id"]
        for one in natal.everything(who)
        if one["resourceType"] == kind and own in (one.get("subject"), one.get("patient"))
    }
    paged = [one["id"] for one in natal.resources(f"/fhir/{kind}?patient={natal.key(who)}&_count=1")]

    assert len(paged) == len(whole) > 0
    assert set(paged) == whole


def test_a_page_is_stable_while_entries_are_added(natal: Natal, plane: ControlClient) -> None:
    """A page's token is a place in time, not a count."""
    who = number("natal-vanlig")
    first = natal.get(f"/fhir/Composition?patient={natal.key(who)}&_count=3")
    plane.write(type="care-documentation", patient_id=who, event={"system": "natal"})
    second = natal.resources(next(link["url"] for link in first["link"] if link["relation"] == "next"))

    seen = [entry["resource"]["id"] for entry in first["entry"]] + [one["id"] for one in second]
    assert len(seen) == len(set(seen)) == 7


def test_links_hold_no_number(natal: Natal) -> None:
    """Only Natal's own ids stand in addresses."""
    for name in ("natal-vanlig", "natal-nyfodd", "natal-samordning"):
        for identity in default_population().personas()[name].identities:
            pages = [
                natal.patient(identity),
                natal.get(f"/fhir/Patient/{natal.key(identity)}/$everything?_count=5"),
            ]
            for page in pages:
                urls = [link["url"] for link in page["link"]]
                urls += [entry["fullUrl"] for entry in page["entry"]]
                assert not [url for url in urls if identity.extension in url]


def test_a_mothers_chart_holds_her_newborns_notes_as_theirs(natal: Natal) -> None:
    """Mother's and child's data in one record, each resource about whom it is about."""
    mother, child = number("natal-nyfodd-mor"), default_population().personas()["natal-nyfodd"]
    chart = natal.everything(mother)
    own = {natal.key(identity) for identity in child.identities}
    subjects = {one["subject"]["reference"].removeprefix("Patient/") for one in chart if "subject" in one}
    notes = [one for one in chart if one["resourceType"] == "Composition"]
    newborn = next(one for one in chart if one.get("focus"))

    assert subjects == own | {natal.key(mother)}
    assert sum(one["subject"]["reference"].removeprefix("Patient/") in own for one in notes) == 3
    assert newborn["subject"]["reference"].removeprefix("Patient/") in own
    assert newborn["focus"] == [{"reference": f"Patient/{natal.key(mother)}"}]


def test_a_search_finds_only_the_patients_own(natal: Natal) -> None:
    """What a chart holds of the child, a search for the mother does not."""
    key = natal.key(number("natal-nyfodd-mor"))
    found = natal.resources(f"/fhir/Composition?patient=Patient/{key}")

    assert {one["subject"]["reference"] for one in found} == {f"Patient/{key}"}


def test_a_renumbered_child_has_two_patients_that_know_each_other(natal: Natal) -> None:
    """Both have entries; each links to the other."""
    child = default_population().personas()["natal-nyfodd"]
    today, first = (natal.patient(identity)["entry"][0]["resource"] for identity in child.identities)

    assert today["link"][0]["other"]["reference"] == f"Patient/{first['id']}"
    assert first["link"][0]["other"]["reference"] == f"Patient/{today['id']}"
    assert [one["resourceType"] for one in natal.everything(child.identities[1])].count("Composition") == 2


def test_references_lead_somewhere(natal: Natal) -> None:
    """Within a chart everything that is pointed at is there, units aside."""
    chart = natal.everything(number("natal-tvillingar"))
    there = {f"{one['resourceType']}/{one['id']}" for one in chart}

    assert [
        one for one in _references(chart) if one not in there and not one.startswith("Organization/")
    ] == []


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [found for inner in value.values() for found in _references(inner)]
    return [found for inner in value for found in _references(inner)] if isinstance(value, list) else []


def test_an_exempt_entry_bears_a_label_and_protection_from_staff_another(natal: Natal) -> None:
    """The two look alike and mean different things."""
    exempt = [
        one for one in natal.everything(number("natal-undantag")) if one.get("meta", {}).get("security")
    ]
    staff = [one for one in natal.everything(number("natal-kanslig")) if one.get("meta", {}).get("security")]

    labels = {one["meta"]["security"][0]["display"] for one in exempt}
    assert labels == {"Tidiga hypoteser", "Uppgift från tredje person", "Förundersökningssekretess"}
    assert {one["meta"]["security"][0]["code"] for one in staff} == {"R"}


def test_what_an_exempt_entry_is_made_into_is_exempt_too(natal: Natal, plane: ControlClient) -> None:
    """How she gave birth must not leak beside the sheet that hides it, nor her pregnancy beside her enrolment."""
    who = number("natal-vanlig")
    for event in plane.truth(who):
        if event.type == "maternity-records":
            plane.change(who, event.id, "exclude", reason="violence")
    made = [
        one
        for one in natal.everything(who)
        if one["resourceType"] in {"Procedure", "EpisodeOfCare", "Condition"}
    ]

    assert {one["resourceType"] for one in made} == {"Procedure", "EpisodeOfCare", "Condition"}
    assert all(one["meta"]["security"][0]["code"] == "undantag" for one in made)


def test_a_pregnancy_ends_with_the_birth(natal: Natal) -> None:
    """Nobody is pregnant for twelve years; who is pregnant now is."""
    over = {one["resourceType"]: one for one in natal.everything(number("natal-tvillingar"))}
    now = {one["resourceType"]: one for one in natal.everything(number("natal-vecka36"))}

    assert over["EpisodeOfCare"]["status"] == "finished"
    assert over["EpisodeOfCare"]["period"]["end"] == over["Condition"]["abatementDateTime"] > "2012"
    assert _word(over["Condition"]["clinicalStatus"]) == "resolved"
    assert (now["EpisodeOfCare"]["status"], "end" in now["EpisodeOfCare"]["period"]) == ("active", False)
    assert _word(now["Condition"]["clinicalStatus"]) == "active"


def test_the_code_of_a_pregnancy_says_whether_it_is_watched_more(natal: Natal) -> None:
    """Twins are no normal pregnancy."""
    codes = {
        name: next(
            _word(one["code"]) for one in natal.everything(number(name)) if one["resourceType"] == "Condition"
        )
        for name in ("natal-tvillingar", "natal-vecka36")
    }

    assert codes == {"natal-tvillingar": "Z35.9", "natal-vecka36": "Z34.9"}


def test_who_has_a_bed_is_an_inpatient(natal: Natal) -> None:
    """The ward's entries are of a stay, the midwife's of visits."""
    chart = natal.everything(number("natal-tvillingar"))
    places = {
        f"Encounter/{one['id']}": one["class"]["code"] for one in chart if one["resourceType"] == "Encounter"
    }
    sheets = {
        _word(one["code"]): places[one["encounter"]["reference"]]
        for one in chart
        if one["resourceType"] == "Observation" and not one.get("focus")
    }

    assert (sheets["MHV1"], sheets["MHV2"], sheets["FV1"]) == ("AMB", "AMB", "IMP")


def test_acts_stand_in_the_order_they_were_done(plane: ControlClient) -> None:
    """The oldest first, whatever kind they are of: a text can be changed after it was signed."""
    signed = next(event for event in plane.truth(number("natal-vanlig")) if event.signature is not None)
    later = replace(signed.author, time=signed.author.time + timedelta(days=30))
    changed = replace(signed, author=later, revisions=(signed.author.time,))
    resources = Renderer({}).resources(changed, lambda _: "P", ends={})

    acts = [_word(one["activity"]) for one in resources if one["resourceType"] == "Provenance"]
    assert acts == ["skapad", "signerad", "andrad"]


def test_a_removed_entrys_visit_is_in_error_too(natal: Natal, plane: ControlClient) -> None:
    """What never was leaves no visit and no delivery behind."""
    who = number("natal-vanlig")
    for event in plane.truth(who):
        if event.type == "maternity-records":
            plane.change(who, event.id, "remove")
    chart = natal.everything(who)
    left = [
        one
        for one in chart
        if one["resourceType"] in {"Procedure", "EpisodeOfCare"} and one["status"] != "entered-in-error"
    ]
    removed = {one["encounter"]["reference"] for one in chart if one["resourceType"] == "Observation"}
    visits = {
        one["status"]
        for one in chart
        if one["resourceType"] == "Encounter" and f"Encounter/{one['id']}" in removed
    }

    assert left == []
    assert visits == {"entered-in-error"}


def _word(concept: Any) -> str:
    return str(concept["coding"][0]["code"])


def test_the_length_of_a_pregnancy_is_weeks_and_days(natal: Natal) -> None:
    """As text, not as a number."""
    chart = natal.everything(number("natal-vecka36"))
    found = [
        component["valueString"]
        for one in chart
        for component in one.get("component", ())
        if component["code"]["coding"][0]["code"] == "graviditetslangd"
    ]

    assert found == ["36+0"]


def test_a_summary_is_a_draft_until_week_37(natal: Natal, plane: ControlClient) -> None:
    """As the clock moves, the same document becomes final."""

    def status() -> str:
        chart = natal.everything(number("natal-vecka36"))
        return next(str(one["status"]) for one in chart if one.get("title") == "Graviditetssammanfattning")

    before = status()
    plane.advance(6 * 86_400)

    assert (before, status()) == ("preliminary", "final")


def test_last_updated_and_since_choose(natal: Natal) -> None:
    """What has not changed since is left out."""
    key = natal.key(number("natal-vanlig"))
    all_of_them = natal.resources(f"/fhir/Composition?patient={key}")
    late = natal.resources(f"/fhir/Composition?patient={key}&_lastUpdated=ge2023-01-01")
    early = natal.resources(f"/fhir/Composition?patient={key}&_lastUpdated=lt2023-01-01")
    since = natal.resources(f"/fhir/Patient/{key}/$everything?_since=2023-01-01T00:00:00Z&_type=Composition")

    assert len(late) == len(since) == 1
    assert len(early) + len(late) == len(all_of_them) == 7
