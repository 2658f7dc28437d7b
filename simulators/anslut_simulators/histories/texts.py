"""Putting a text together from its wordings by drawn words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_simulators.histories.values import Values
    from anslut_simulators.histories.wordings import Sentences


def compose(sentences: Sentences, word: int, values: Values) -> str:
    """Return one wording of each sentence, chosen by *word*, with its values filled in."""
    text = ""
    for wordings in sentences:
        word, place = divmod(word, len(wordings))
        text = f"{text} {wordings[place]}" if text else wordings[place]
    return text.format_map(values) if "{" in text else text


def pick(wordings: Sequence[str], word: int) -> str:
    """Return one of *wordings*."""
    return wordings[word % len(wordings)]
