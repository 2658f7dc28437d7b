"""What may be said about an unexpected failure: types and places, never texts or values."""

from __future__ import annotations

import traceback


def where(error: BaseException) -> str:
    """Return type and place of *error* and of what caused it, innermost frame each, without any message.

    A message or a traceback's source lines may quote a value, and a value may be a person's number.
    """
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        place = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
        parts.append(f"{type(current).__module__}.{type(current).__qualname__}{place}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return " <- ".join(parts)
