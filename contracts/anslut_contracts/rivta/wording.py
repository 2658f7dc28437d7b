"""Values with parts as the one line of text that a contract without the parts has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["worded"]


def worded(value: Mapping[str, Any]) -> str:
    """Return a coded value, a quantity or an interval in words, as a person would read it aloud from a report."""
    if "value" in value:
        return _with_unit(str(value["value"]), value)
    if "low" in value or "high" in value:
        return _with_unit(_interval(value), value)
    return str(value.get("displayName") or value.get("originalText") or value.get("code"))


def _with_unit(text: str, value: Mapping[str, Any]) -> str:
    return f"{text} {value['unit']}" if value.get("unit") else text


def _interval(value: Mapping[str, Any]) -> str:
    low, high = value.get("low"), value.get("high")
    if low is not None and high is not None:
        return f"{low}–{high}"
    if low is not None:
        return f"{'≥' if value.get('lowClosed', True) else '>'} {low}"
    return f"{'≤' if value.get('highClosed', True) else '<'} {high}"
