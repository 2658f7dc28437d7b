"""Rådgivningsstödet's errors: `{"fel": "<WORD>", "text": …}`, plain JSON and no stream; never what the caller sent."""

from __future__ import annotations

import orjson

from anslut_simulators.calls import Answer


class FelError(Exception):
    """An answer that is an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def fel(status: int, word: str, text: str, *, headers: tuple[tuple[str, str], ...] = ()) -> FelError:
    """Return the error *word* with a Swedish explanation."""
    return FelError(Answer(status, orjson.dumps({"fel": word, "text": text}), headers))
