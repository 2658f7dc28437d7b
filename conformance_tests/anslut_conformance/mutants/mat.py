"""MAT: connectors that read a maternity record as if it were about one person, with one child, and nothing exempt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_examples.natal import Chart, NatalConnector

from anslut_conformance.mutants.wrapping import Call, on_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut import Query, Settings
    from anslut_examples.natal_mapping import Resource

    from anslut_conformance.mutants.wrapping import Wrapped

Entry = dict[str, Any]
RECORDS = "maternity-records"
_HALF_A_WEEK = 4


def _on_record(change: Callable[[Entry], None]) -> Callable[[Settings], Wrapped]:
    """Return a factory of Natal connectors whose delivered maternity records are changed in place."""

    def change_all(document: dict[str, Any], call: Call) -> None:
        if call.type == RECORDS:
            for entry in document["entries"]:
                change(entry["body"])

    return on_answer(change_all, NatalConnector)


class _EverybodysChart(Chart):
    """A chart that takes everything in it for its own person's."""

    def documents(self, kind: str, query: Query) -> Iterator[Resource]:
        """Yield the entered documents of *kind*, the newborn's too."""
        known = {self.patient, *self.children()}
        for resource in self.resources.values():
            about = resource.get("subject", {}).get("reference")
            if about is not None:
                query.refuse_foreign(about, among=known)
            if resource["resourceType"] == kind and resource["status"] in {"final", "amended"}:
                yield resource


class WholeChart(NatalConnector):
    """Delivers what is in a mother's chart, whoever it is about."""

    def chart(self, reference: str) -> Chart:
        """Return a chart that does not ask whom its notes are about."""
        good = super().chart(reference)
        return _EverybodysChart(good.patient, good.resources, good.acts)


def _first_child(body: Entry) -> None:
    after = body.get("postDeliveryRecord")
    if after is not None:
        after["childPostDeliveryRecord"] = after["childPostDeliveryRecord"][:1]


#: Reads the first child only.
first_child_only = _on_record(_first_child)


def _swap(body: Entry) -> None:
    checkup = body.get("pregnancyCheckupRecord", {})
    upper, lower = (checkup.get(f"bloodPressure{name}") for name in ("Systolic", "Diastolic"))
    if upper and lower:
        checkup["bloodPressureSystolic"], checkup["bloodPressureDiastolic"] = lower, upper


#: Confuses upper and lower blood pressure.
pressures_swapped = _on_record(_swap)


class ExemptionUnread(NatalConnector):
    """Looks for excluded headings in notes, and at no label of an entry."""

    def chart(self, reference: str) -> Chart:
        """Return the chart with no sheet labelled."""
        good = super().chart(reference)
        for resource in good.resources.values():
            if resource["resourceType"] == "Observation":
                resource["meta"].pop("security", None)
        return good


class SummaryTooSoon(NatalConnector):
    """Takes the source's own draft of a summary for a note."""

    def chart(self, reference: str) -> Chart:
        """Return the chart with its summaries finished."""
        good = super().chart(reference)
        for resource in good.resources.values():
            if resource.get("title") == "Graviditetssammanfattning":
                resource["status"] = "final"
        return good


class WeeksRounded(NatalConnector):
    """Rounds weeks and days to the nearest week."""

    def chart(self, reference: str) -> Chart:
        """Return the chart with every length rounded."""
        good = super().chart(reference)
        for resource in good.resources.values():
            for component in resource.get("component", ()):
                if component["code"]["coding"][0]["code"] == "graviditetslangd":
                    component["valueString"] = _rounded(component["valueString"])
        return good


def _rounded(length: str) -> str:
    weeks, _, days = length.partition("+")
    return f"{int(weeks) + (int(days) >= _HALF_A_WEEK)}+0"
