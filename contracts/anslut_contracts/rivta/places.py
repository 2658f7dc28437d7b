"""Where in a document something is wrong, gathered on the way out of it: nothing is paid for while all is well."""

from __future__ import annotations

from typing import Self

__all__ = ["PlaceError"]


class PlaceError(Exception):
    """Something does not fit the table; *text* says what, with `{place}` where the place belongs."""

    def __init__(self, text: str, *steps: str | int) -> None:
        super().__init__(text)
        self.text = text
        self.steps = steps

    def within(self, *steps: str | int) -> Self:
        """Return the same error, *steps* further out."""
        self.steps = (*steps, *self.steps)
        return self

    def message(self, root: str) -> str:
        """Return what is wrong, with the place from *root* on."""
        place = "/".join((root, *(str(step).removesuffix("[]") for step in self.steps)))
        return self.text.replace("{place}", place or "/")
