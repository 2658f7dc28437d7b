"""A value written as another type than it has, for the fault `types-that-lie`."""

from __future__ import annotations

from typing import Any


def lie(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return *value* as another JSON type: what a weakly typed system writes on a bad day.

    Text becomes a list of it, a number or a truth becomes text, a list an object by number, an object a list of
    its values, and nothing becomes the word `null`.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "ja" if value else "nej"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return {str(number): item for number, item in enumerate(value)}
    if isinstance(value, dict):
        return list(value.values())
    return [value]
