"""EXC: connectors that show what is protected, or hide what is not."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from anslut import exclusion_of
from anslut_contracts.http_headers import CONSUMER_HEADER, wsgi_name
from anslut_examples.kosmos import KosmosConnector

from anslut_conformance.exam_door import CONSUMER
from anslut_conformance.mutants.reading import OpenKosmos
from anslut_conformance.mutants.wrapping import on_answer, on_entry, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut import Query
    from anslut.settings import Settings
    from anslut_contracts.profile import RegionProfile
    from anslut_examples.kosmos_mapping import Row

    from anslut_conformance.mutants.wrapping import Call, Reply, Wrapped

    Ask = Callable[[Call], Reply]

NOTES = "anteckningar"
_LEVELS = 2


class _Trees(OpenKosmos):
    """Changes the keyword trees of notes before they are split."""

    def row(self, row: Row, resource: str) -> Row:
        """Return the note with another tree."""
        if resource != NOTES:
            return row
        return {**row, "sokord": self.tree(row["sokord"], depth=0)}

    def tree(self, nodes: list[Row], *, depth: int) -> list[Row]:
        """Return the tree that the connector believes to see."""
        raise NotImplementedError

    def excluded(self, node: Row) -> bool:
        """Tell whether the profile excludes a node's keyword."""
        return self.profile.keyword_reason(self.system, node["term"]) is not None


class ForgottenKeywords(_Trees):
    """Knows one excluded keyword, the one that was in the specification."""

    def tree(self, nodes: list[Row], *, depth: int) -> list[Row]:
        """Return the tree with the other excluded keywords under a harmless name."""
        return [
            {
                **node,
                "term": node["term"] if self._is_known(node) else "Övrigt",
                "barn": self.tree(node["barn"], depth=depth + 1),
            }
            for node in nodes
        ]

    def _is_known(self, node: Row) -> bool:
        return self.profile.keyword_reason(self.system, node["term"]) in {None, "violence"}


class TwoLevels(_Trees):
    """Looks two levels down; what is deeper becomes text of the second."""

    def tree(self, nodes: list[Row], *, depth: int) -> list[Row]:
        """Return the tree without what is deeper than two levels."""
        if depth + 1 < _LEVELS:
            return [{**node, "barn": self.tree(node["barn"], depth=depth + 1)} for node in nodes]
        return [{**node, "text": "\n".join(_texts(node)) or None, "barn": []} for node in nodes]


def _texts(node: Row) -> Iterator[str]:
    if node.get("text"):
        yield node["text"]
    for child in node["barn"]:
        yield child["term"]
        yield from _texts(child)


class NotTheSubtree(_Trees):
    """Protects the text of an excluded keyword, and not what stands under the keywords below it."""

    def tree(self, nodes: list[Row], *, depth: int) -> list[Row]:
        """Return the tree with the children of excluded keywords beside them."""
        found: list[Row] = []
        for node in nodes:
            children = self.tree(node["barn"], depth=depth + 1)
            if self.excluded(node):
                found += [{**node, "barn": []}, *children]
            else:
                found.append({**node, "barn": children})
        return found


class _Templates(OpenKosmos):
    """Knows a template whose entries are excluded."""

    @property
    def hidden_template(self) -> str:
        """The name of one."""
        rules = self.profile.excluded_templates
        return next(rule.template for rule in rules if rule.system == self.system)


class WholeNoteHidden(_Templates):
    """Hides a whole note when one of its keywords is excluded."""

    def row(self, row: Row, resource: str) -> Row:
        """Return the note as one in an excluded template when anything in it is excluded."""
        if resource != NOTES or not self._any_excluded(row["sokord"]):
            return row
        return {**row, "mall": self.hidden_template}

    def _any_excluded(self, nodes: list[Row]) -> bool:
        return any(
            self.profile.keyword_reason(self.system, node["term"]) is not None
            or self._any_excluded(node["barn"])
            for node in nodes
        )


class TemplatesIgnored(OpenKosmos):
    """Looks at keywords only."""

    def row(self, row: Row, resource: str) -> Row:
        """Return a note without its template's name."""
        return {**row, "mall": None} if resource == NOTES else row


class UnitsIgnored(KosmosConnector):
    """Runs with a profile whose excluded units were never filled in."""

    @cached_property
    def profile(self) -> RegionProfile:
        """The region's profile, less its excluded units."""
        profile: RegionProfile = super().profile
        return replace(profile, excluded_units=())


class ConsumersIgnored(KosmosConnector):
    """Runs with a profile whose excluded consumers were never filled in."""

    @cached_property
    def profile(self) -> RegionProfile:
        """The region's profile, less its excluded consumers."""
        profile: RegionProfile = super().profile
        return replace(profile, excluded_consumers=())


class DropsExcluded(KosmosConnector):
    """Drops what the patient must not see, so that nobody sees it."""

    @cached_property
    def profile(self) -> RegionProfile:
        """The region's profile, with everything excluded withheld."""
        profile: RegionProfile = super().profile
        return replace(profile, effects=dict.fromkeys(profile.effects, "withhold"))


class StaffSensitivity(_Templates):
    """Takes the source's protection levels for exclusions."""

    def row(self, row: Row, resource: str) -> Row:
        """Return a sensitive entry as one in an excluded template."""
        del resource
        return {**row, "mall": self.hidden_template} if row["skyddsniva"] else row


class DiagnosesUnprotected(KosmosConnector):
    """Looks at keywords and templates for notes only."""

    def whole_rows(self, query: Query, resource: str) -> Iterator[tuple[Row, bool]]:
        """Yield the entries, hidden only when their unit is excluded."""
        for row in self.rows(query, resource):
            unit = self.codes.unit(row["enhet"])["hsaid"]
            yield row, exclusion_of(self.profile, self.system, unit=unit) is None


class EmptyHeadings(_Trees):
    """Leaves the heading of an excluded keyword behind, empty."""

    def tree(self, nodes: list[Row], *, depth: int) -> list[Row]:
        """Return the tree with an empty heading before each excluded keyword."""
        found: list[Row] = []
        for node in nodes:
            if self.excluded(node):
                found.append({"term": f"{node['term']}:", "text": None, "barn": []})
            found.append({**node, "barn": self.tree(node["barn"], depth=depth + 1)})
        return found


def _as_text(entry: dict[str, Any]) -> None:
    if entry["header"]["approvedForPatient"]:
        entry["header"]["approvedForPatient"] = "true"


#: Says "true" where true is due.
flags_as_text = on_entry(_as_text)


def _is_another(call: Call) -> bool:
    """Tell whether somebody else than 1177 asks."""
    return call.environ.get(wsgi_name(CONSUMER_HEADER)) != CONSUMER


def _approved_only(answer: dict[str, Any], call: Call) -> None:
    if _is_another(call):
        answer["entries"] = [
            entry for entry in answer["entries"] if entry["header"].get("approvedForPatient") is not False
        ]


#: Gives consumers other than 1177 what the patient may see, and nothing more.
approved_only_for_others = on_answer(_approved_only)


def one_answer_for_others(settings: Settings) -> Wrapped:
    """Keep what it answered the first consumer that is not 1177, and give it to the next."""
    kept: dict[tuple[str, bytes], Reply] = {}

    def around(call: Call, good: Ask) -> Reply:
        if not _is_another(call):
            return good(call)
        asked = call.path, call.body
        if asked not in kept:
            kept[asked] = good(call)
        return kept[asked]

    return wrapped(settings, around)
