"""Valid documents made from the schemas themselves: a new information type is tried without new code."""

from __future__ import annotations

import base64
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from anslut_contracts import STOCKHOLM, schema, time_form
from anslut_contracts.validation import errors
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

sys.path.insert(0, str(Path(__file__).parent))  # where the modules that tests share are found

# Without shrinking: an entry is so large that it takes minutes, and every failure names its place.
settings.register_profile(
    "contracts",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("contracts")

# Numbers from the tax agency's list of test numbers.
PERSONS = [
    {"root": "1.2.752.129.2.1.3.1", "extension": "199001022384"},
    {"root": "1.2.752.129.2.1.3.3", "extension": "191401682396"},
    {"root": "1.2.752.129.2.1.2.1", "extension": "SE2321000999-K001:4711"},
]
DEEP, DEEPEST = 5, 9


def _moments() -> SearchStrategy[datetime]:
    """Any second from 1950 on, and often one near a night when the clocks change."""
    anywhere = st.integers(0, (2098 - 1950) * 365 * 86400).map(
        lambda s: datetime(1950, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
    )
    changes = st.sampled_from([datetime(2023, 3, 26, 1, tzinfo=UTC), datetime(2023, 10, 29, 1, tzinfo=UTC)])
    nights = st.builds(lambda change, s: change + timedelta(seconds=s), changes, st.integers(-7200, 7200))
    return st.one_of(anywhere, nights)


def _days() -> SearchStrategy[str]:
    """Any day from 1950 on."""
    first, last = datetime(1950, 1, 1, tzinfo=UTC), datetime(2098, 1, 1, tzinfo=UTC)
    return st.dates(first.date(), last.date()).map(str)


TEXT = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"),
        st.sampled_from("\n\t\r<>&'\"åäö"),
    ),
    min_size=1,
    max_size=30,
).filter(lambda text: text.strip(" \t\r\n\xa0") != "")
TOKEN = st.from_regex(r"[A-Za-z0-9åäö][A-Za-z0-9åäö ./:_-]{0,20}[A-Za-z0-9]", fullmatch=True)
OID = st.from_regex(r"[0-2](\.(0|[1-9][0-9]{0,5})){2,6}", fullmatch=True)
HSA_ID = st.from_regex(r"(SE|TSTNMT)2321000999-[0-9A-Z]{1,12}", fullmatch=True)
DECIMAL = st.from_regex(r"-?(0|[1-9][0-9]{0,6})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?", fullmatch=True)


@st.composite
def _cv(  # noqa: PLR0913 - one for each thing that a type may demand of a coded value
    draw: Callable[..., Any],
    *,
    exclusive: bool,
    strict: bool = False,
    code_system: str | None = None,
    codes: tuple[str, ...] = (),
    texts: tuple[str, ...] = (),
) -> dict[str, str]:
    cv: dict[str, str] = {}
    coded = strict or draw(st.booleans())
    if coded:
        code = draw(st.sampled_from(codes) if codes else TOKEN)
        cv = {"code": code, "codeSystem": code_system or draw(OID)}
        for name, strategy in (("codeSystemName", TEXT), ("codeSystemVersion", TOKEN)):
            if draw(st.booleans()):
                cv[name] = draw(strategy)
        if exclusive or draw(st.booleans()):
            cv["displayName"] = draw(TEXT)
    if not coded or (not exclusive and draw(st.booleans())):
        cv["originalText"] = draw(st.sampled_from(texts) if texts else TEXT)
    return cv


PARTS: dict[str, SearchStrategy[Any]] = {
    "text": TEXT,
    "line": TEXT,
    "token": TOKEN,
    "unitId": TOKEN,
    "oid": OID,
    "uuid": st.uuids().map(str),
    "hsaId": HSA_ID,
    "time": _moments().map(time_form.to_json),
    "date": _days(),
    "moment": st.one_of(_moments().map(time_form.to_json), _days()),
    "decimal": DECIMAL,
    "unit": st.sampled_from(["", "g/L", "µmol/L", "10^9/L", "mL/min/1,73m2"]),
    "ii": st.fixed_dictionaries({"root": OID}, optional={"extension": TOKEN}),
    "iiFull": st.fixed_dictionaries({"root": OID, "extension": TOKEN}),
    "personId": st.sampled_from(PERSONS),
    "cv": _cv(exclusive=False),
    "cvExclusive": _cv(exclusive=True),
    "cvStrict": _cv(exclusive=True, strict=True),
    "multimedia": st.one_of(
        st.fixed_dictionaries(
            {
                "mediaType": st.just("image/png"),
                "value": st.binary(min_size=1, max_size=40).map(lambda b: base64.b64encode(b).decode()),
            }
        ),
        st.fixed_dictionaries(
            {
                "mediaType": st.just("application/pdf"),
                "reference": st.just("https://bild.example/a?b=1&c=å".replace("å", "%C3%A5")),
            }
        ),
    ),
}


def _merged(node: dict[str, Any], home: str) -> tuple[dict[str, Any], str | None]:
    """Return *node* with references and `allOf` folded in, and the name of the shared part that it is."""
    out: dict[str, Any] = {"properties": {}, "required": set(), "choices": []}
    part = None
    for item in [*node.get("allOf", ()), *([{"$ref": node["$ref"]}] if "$ref" in node else [])]:
        target, where = _resolve(item, home)
        inner, inner_part = _merged(target, where)
        name = item.get("$ref", "").partition("parts.json#/$defs/")[2]
        part = name or inner_part or part
        _fold(out, inner)
    own = {key: value for key, value in node.items() if key not in ("allOf", "$ref")}
    _fold(
        out,
        {
            **own,
            "properties": {k: (v, home) for k, v in own.get("properties", {}).items()},
            "required": set(own.get("required", ())),
            "choices": [(key, own[key]) for key in ("oneOf", "anyOf") if key in own],
        },
    )
    return out, part


def _fold(out: dict[str, Any], more: dict[str, Any]) -> None:
    for name, (node, home) in more["properties"].items():
        if name in out["properties"] and node is not False and out["properties"][name][0] is not False:
            before, before_home = out["properties"][name]
            out["properties"][name] = (
                {"allOf": [_absolute(before, before_home), _absolute(node, home)]},
                home,
            )
        else:
            out["properties"][name] = (node, home)
    out["required"] |= more["required"]
    out["choices"] += more["choices"]
    for key, value in more.items():
        if key not in ("properties", "required", "choices"):
            out.setdefault(key, value)


def _absolute(node: Any, home: str) -> Any:
    """Return *node* with its references made independent of the file it stands in."""
    if isinstance(node, dict):
        return {k: (_name(v, home) if k == "$ref" else _absolute(v, home)) for k, v in node.items()}
    return [_absolute(item, home) for item in node] if isinstance(node, list) else node


def _name(reference: str, home: str) -> str:
    file, _, pointer = reference.partition("#")
    if file.startswith("/"):
        return reference
    here = os.path.normpath(Path(home).parent / file.removesuffix(".json")) if file else home
    return f"/{here}.json#{pointer}"


def _resolve(item: dict[str, Any], home: str) -> tuple[dict[str, Any], str]:
    if "$ref" not in item:
        return item, home
    file, _, pointer = _name(item["$ref"], home).removeprefix("/").partition("#")
    name = file.removesuffix(".json")
    target: Any = schema(name)
    for step in pointer.split("/")[1:]:
        target = target[step]
    return target, name


def _demanded(merged: dict[str, Any], name: str, keyword: str) -> list[Any]:
    """Return what a type adds by *keyword* to the field *name* of a shared part."""
    node = merged["properties"].get(name, ({}, ""))[0]
    return [item[keyword] for item in node.get("allOf", [node]) if keyword in item] if node else []


def documents(  # noqa: PLR0911 - one return per kind of schema
    node: dict[str, Any], home: str, depth: int = 0
) -> SearchStrategy[Any]:
    """Return a strategy of JSON values that *node*, standing in schema *home*, accepts (almost always)."""
    merged, part = _merged(node, home)
    if part in ("cv", "cvExclusive", "cvStrict"):
        return _cv(
            exclusive=part != "cv",
            strict=part == "cvStrict",
            code_system=next(iter(_demanded(merged, "codeSystem", "const")), None),
            codes=tuple(item for found in _demanded(merged, "code", "enum") for item in found),
            texts=tuple(item for found in _demanded(merged, "originalText", "enum") for item in found),
        )
    if part in PARTS:
        return PARTS[part]
    if "enum" in merged:
        return st.sampled_from(merged["enum"])
    if merged.get("type") == "string":
        return st.from_regex(merged["pattern"].replace("$(?!\\n)", r"\Z"))
    if merged.get("type") == "boolean":
        return st.booleans()
    if merged.get("type") == "integer":
        return st.integers(merged.get("minimum", 0), merged.get("maximum", 99))
    if merged.get("type") == "array":
        return st.deferred(
            lambda: st.lists(
                documents(merged["items"], home, depth + 1), min_size=merged.get("minItems", 0), max_size=2
            )
        )
    return _objects(merged, depth)


@st.composite
def _objects(draw: Callable[..., Any], merged: dict[str, Any], depth: int) -> dict[str, Any]:
    allowed = {name: found for name, found in merged["properties"].items() if found[0] is not False}
    often = st.booleans() if depth < DEEP else st.sampled_from([True, False, False, False])
    chosen = {name for name in allowed if name in merged["required"] or (depth < DEEPEST and draw(often))}
    for name, needed in merged.get("dependentRequired", {}).items():
        if name in chosen:
            chosen |= set(needed)
    for key, alternatives in merged["choices"]:
        pick = set(draw(st.sampled_from(alternatives))["required"])
        others = {name for item in alternatives for name in item["required"]} - pick
        chosen = (chosen | pick) - (others if key == "oneOf" else set())
    if merged.get("maxProperties") == 1 or not chosen:
        chosen = {draw(st.sampled_from(sorted(allowed)))}
    return {name: draw(documents(*allowed[name], depth + 1)) for name in sorted(chosen)}


def _settle(type_name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Make the fields agree that a schema cannot make agree."""
    if "block-comparison-time-is-author-time" in schema(f"types/{type_name}")["x-anslut"]["checks"]:
        entry["header"]["blockComparisonTime"] = entry["header"]["author"]["time"]
    for name, period in entry["body"].items():
        if name.endswith("TimePeriod") and {"start", "end"} <= set(period):
            period["start"], period["end"] = sorted(period.values(), key=datetime.fromisoformat)
    birth = entry["body"].get("additionalPatientInformation", {}).get("dateOfBirth")
    if isinstance(birth, dict):
        birth["format"] = "YYYYMMDD"[: len(birth["value"])]
    return entry


@pytest.fixture(scope="session")
def valid_entries() -> Callable[[str], SearchStrategy[dict[str, Any]]]:
    """Return, for an information type, a strategy of valid entries."""

    def strategy(type_name: str) -> SearchStrategy[dict[str, Any]]:
        made = documents({"$ref": f"/types/{type_name}.json#/$defs/entry"}, "header")
        return made.map(lambda entry: _settle(type_name, entry)).filter(
            lambda entry: not errors(f"entry:{type_name}", entry)
        )

    return strategy


def without_second_hour(value: Any) -> Any:
    """Return *value* with times in the second of autumn's repeated hours moved to the first: the loss."""
    if isinstance(value, dict):
        return {key: without_second_hour(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_second_hour(item) for item in value]
    if isinstance(value, str) and len(value) == 25 and value[10:11] == "T":
        moment = datetime.fromisoformat(value).astimezone(STOCKHOLM)
        if moment.fold:
            return value.replace("+01:00", "+02:00")
    return value


@pytest.fixture(scope="session")
def known_loss() -> Callable[[Any], Any]:
    """Return the function that says what an entry becomes on its way through RIV-TA."""
    return without_second_hour
