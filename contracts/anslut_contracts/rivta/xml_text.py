"""Text that XML 1.0 can carry."""

from __future__ import annotations

from typing import Final

__all__ = ["escaped"]

#: What is written in another way, or not at all. A bare carriage return would be read back as a line feed.
_SPECIAL: Final = b"<>&\r"
_FORBIDDEN: Final = bytes(code for code in range(0x20) if code not in b"\t\n\r")
_UNUSUAL: Final = _SPECIAL + _FORBIDDEN


def escaped(text: str) -> str:
    """Return *text* as the content of an element; raise `ValueError` for a character XML 1.0 cannot hold."""
    # Counting bytes is faster than looking at characters, and most text needs no change.
    raw = text.encode()  # UnicodeEncodeError, for half a surrogate pair, is a ValueError
    if len(raw) != len(text) and ("\ufffe" in text or "\uffff" in text):
        raise ValueError("a character that XML cannot hold")
    if len(raw.translate(None, _UNUSUAL)) == len(raw):
        return text
    if len(raw.translate(None, _FORBIDDEN)) != len(raw):
        raise ValueError("a character that XML cannot hold")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
