"""The forms of contracts that have codes of their own: their text on one side, coded values on the other."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from anslut_contracts.rivta.forms import FORMS, NOTHING, Form

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut_contracts.rivta.tables import Coded, MappingTable, Row

__all__ = ["form_of", "match"]


def form_of(table: MappingTable, row: Row) -> Form | None:
    """Return how the text of a row's element is written and read, if it has text of its own."""
    if row.codes is None:
        return FORMS[row.form] if row.form else None
    codes = table.codes[row.codes]
    others = table.codes[row.shares] if row.shares else ()
    return _form(codes, others, is_open=row.open)


def match(codes: Iterable[Coded], value: object) -> Coded | None:
    """Return the one of *codes* that *value* is or becomes, if there is one; texts beside a code do not matter."""
    for coded in codes:
        if value == coded.value or any(_same(value, code) for code in (coded.value, *coded.of)):
            return coded
    return None


def _same(value: Any, code: Any) -> bool:  # noqa: ANN401 - JSON of any shape
    if not isinstance(value, dict) or not isinstance(code, dict) or "code" not in code:
        return False
    return (value.get("code"), value.get("codeSystem")) == (code["code"], code["codeSystem"])


def _form(codes: Iterable[Coded], others: Iterable[Coded], *, is_open: bool) -> Form:
    by_text = {coded.text: coded.value for coded in codes}
    absent = next((coded.text for coded in codes if coded.value is None), None)

    def write(value: object) -> str:
        for coded in codes:
            if coded.value is not None and (value == coded.value or _same(value, coded.value)):
                return coded.text
        if is_open and isinstance(value, dict) and set(value) == {"originalText"}:
            return FORMS["text"].write(value["originalText"])
        raise ValueError("not a code of the contract's")

    def read(text: str) -> object:
        found = by_text.get(text.strip(), {"originalText": text} if is_open else NOTHING)
        if found is NOTHING:
            raise ValueError("not a code of the contract's")
        return NOTHING if found is None else deepcopy(found)

    return Form(
        write=write,
        read=read,
        absent=absent,
        leaves=lambda value: match(codes, value) is None and match(others, value) is not None,
    )
