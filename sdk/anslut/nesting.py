"""How deep a JSON document is nested; a document made to exhaust a reader is deep, not wide."""

from __future__ import annotations


def is_deeper(document: object, limit: int) -> bool:
    """Return whether *document* (plain JSON) is nested more than *limit* levels deep."""
    level: list[object] = [document]
    for _ in range(limit):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
