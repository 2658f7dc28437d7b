"""A system's README as HTML: the little Markdown that our own files use, everything else as text."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

_INLINE: Final = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\([^)]*\)")
_BULLET: Final = re.compile(r"(?:[*-]|\d+\.) ")


@cache
def readme(program: str) -> Markup:
    """Return the README of the system whose folder is *program*; nothing when it has none."""
    file = files("anslut_simulators") / program / "README.md"
    return Markup("\n").join(_blocks(file.read_text(encoding="utf-8"))) if file.is_file() else Markup()


def _blocks(text: str) -> Iterator[Markup]:
    in_code = False
    code: list[str] = []
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("```"):
            if in_code:
                yield Markup('<pre tabindex="0">{}</pre>').format("\n".join(code))
                code = []
            in_code = not in_code
        elif in_code:
            code.append(line)
        elif line.startswith("#"):
            yield from _block(block)
            block = []
            level = min(len(line) - len(line.lstrip("#")) + 2, 5)
            yield Markup("<h{}>{}</h{}>").format(level, _inline(line.lstrip("# ")), level)
        elif line:
            block.append(line)
        else:
            yield from _block(block)
            block = []


def _block(lines: list[str]) -> Iterator[Markup]:
    if not lines:
        return
    if lines[0].startswith("|"):
        yield _table(lines)
    elif _BULLET.match(lines[0]):
        items: list[str] = []
        for line in lines:
            if _BULLET.match(line):
                items.append(_BULLET.sub("", line, count=1))
            else:
                items[-1] += f" {line.strip()}"
        rows = Markup("").join(Markup("<li>{}</li>").format(_inline(item)) for item in items)
        yield Markup("<ul>{}</ul>").format(rows)
    else:
        yield Markup("<p>{}</p>").format(_inline(" ".join(lines)))


def _table(lines: list[str]) -> Markup:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head, *body = [row for row in rows if not all(set(cell) <= set("-: ") for cell in row) or not any(row)]
    cells = Markup("").join(Markup('<th scope="col">{}</th>').format(_inline(cell)) for cell in head)
    told = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(_inline(c)) for c in row))
        for row in body
    )
    heading = Markup("<thead><tr>{}</tr></thead>").format(cells) if any(head) else Markup()
    return Markup('<div class="wide" tabindex="0"><table>{}<tbody>{}</tbody></table></div>').format(
        heading, told
    )


def _inline(text: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for match in _INLINE.finditer(text):
        parts.append(escape(text[end : match.start()]))
        code, strong, link = match.groups()
        if code is not None:
            parts.append(Markup("<code>{}</code>").format(code))
        elif strong is not None:
            parts.append(Markup("<strong>{}</strong>").format(strong))
        else:
            parts.append(escape(link.strip("`")))
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])
