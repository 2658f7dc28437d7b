"""What can happen to an entry on its way to an older version: one function for each `change` of a loss.

Each changes the entry it is given. Paths are as in a query's `periodFields`: `name[]` is every item of a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from anslut_contracts.rivta.codes import match
from anslut_contracts.rivta.tables import ONLY
from anslut_contracts.rivta.wording import worded

if TYPE_CHECKING:
    from anslut_contracts.rivta.tables import Coded

__all__ = ["CHANGES", "copied", "pruned"]

_Entry = dict[str, Any]
_Codes = Mapping[str, "Sequence[Coded]"]
_GONE: Final = object()


def copied(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return a copy of a JSON value that can be changed."""
    if isinstance(value, dict):
        return {name: copied(item) for name, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list) else value


def pruned(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return *value* without empty objects and lists in it."""
    if isinstance(value, dict):
        return {name: found for name, item in value.items() if (found := pruned(item)) not in ({}, [])}
    return (
        [found for item in value if (found := pruned(item)) not in ({}, [])]
        if isinstance(value, list)
        else value
    )


def _dropped(entry: _Entry, loss: Mapping[str, Any], _: _Codes) -> None:
    _edit(entry, loss["path"], lambda value, beside: _GONE if _is_meant(loss, value, beside) else value)


def _set(entry: _Entry, loss: Mapping[str, Any], _: _Codes) -> None:
    found = next(_values(entry, loss["from"]), None)
    _edit(entry, loss["path"], lambda _, __: _GONE)
    if found is not None:
        _put(entry, loss["path"].split("."), found)


def _filled(entry: _Entry, loss: Mapping[str, Any], _: _Codes) -> None:
    found = next((value for source in loss["from"] for value in _values(entry, source)), None)
    if found is not None:
        _put(entry, loss["path"].split("."), found)


def _coded(entry: _Entry, loss: Mapping[str, Any], codes: _Codes) -> None:
    def change(value: object, _: object) -> object:
        found = match((one for name in loss["codes"] for one in codes[name]), value)
        if found is not None:
            return _GONE if found.value is None else copied(found.value)
        otherwise = loss.get("otherwise")
        if otherwise == "worded" and isinstance(value, dict):
            return {"originalText": worded(value)}
        return _GONE if otherwise is None else copied(otherwise)

    _edit(entry, loss["path"], change)


def _worded(entry: _Entry, loss: Mapping[str, Any], _: _Codes) -> None:
    *outer, last = loss["path"].split(".")
    for beside in _containers(entry, outer):
        value = beside.get(last)
        if value is not None and _is_meant(loss, value, beside):
            del beside[last]
            _put(beside, loss["to"].split(".")[len(outer) :], worded(value))


def _joined(entry: _Entry, loss: Mapping[str, Any], _: _Codes) -> None:
    path, to = loss["path"].split("."), loss["to"].split(".")
    shared = next(n for n, (one, other) in enumerate(zip(path, to, strict=False)) if one != other)
    for within in _containers(entry, path[:shared]):
        texts: list[str] = []
        for beside in _containers(within, path[shared:-1]):
            texts += [beside.pop(path[-1])] if path[-1] in beside else []
        for target in _containers(within, to[shared:-1]) if texts else ():
            before = [target[to[-1]]] if to[-1] in target else []
            target[to[-1]] = "\n".join([*before, *texts])


def _first(entry: _Entry, loss: Mapping[str, Any], _: _Codes) -> None:
    _edit(entry, loss["path"], lambda value, _: value[:1])


def _apart(entry: _Entry, loss: Mapping[str, Any], _: _Codes) -> None:
    *outer, last = loss["over"].split(".")

    def split(item: _Entry) -> Iterator[_Entry]:
        held = [inner.pop(last, []) for inner in _containers(item, outer)]
        for number in range(max(map(len, held), default=0) or 1):
            one = copied(item)
            for inner, items in zip(_containers(one, outer), held, strict=True):
                inner.update({last: items[number : number + 1]} if items else {})
            yield one

    _edit(entry, loss["path"], lambda items, _: [one for item in items for one in split(item)])


def _lifted(entry: _Entry, loss: Mapping[str, Any], _: _Codes) -> None:
    *outer, last = loss["from"].split(".")

    def lift(item: _Entry) -> Iterator[_Entry]:
        below = [found for inner in _containers(item, outer) for found in inner.pop(last, ())]
        yield item
        for found in below:
            yield from lift({loss["as"]: [found]})

    _edit(entry, loss["path"], lambda items, _: [one for item in items for one in lift(item)])


CHANGES: Final[Mapping[str, Callable[[_Entry, Mapping[str, Any], _Codes], None]]] = {
    "dropped": _dropped,
    "set": _set,
    "filled": _filled,
    "coded": _coded,
    "worded": _worded,
    "joined": _joined,
    "first": _first,
    "apart": _apart,
    "lifted": _lifted,
}
"""Every change that a loss may name; the schema of mapping tables says what each does."""


def _edit(entry: _Entry, path: str, change: Callable[[Any, _Entry], Any]) -> None:
    """Replace what stands at *path* by what *change* makes of it and of the object it stands in."""
    *outer, last = path.split(".")
    name = last.removesuffix(ONLY)
    for beside in _containers(entry, outer):
        if name not in beside:
            continue
        found = beside[name]
        if last == name:
            found = change(found, beside)
        else:
            found = [new for item in found if (new := change(item, beside)) is not _GONE]
        if found is _GONE:
            del beside[name]
        else:
            beside[name] = found


def _containers(value: Any, steps: Iterable[str]) -> list[_Entry]:  # noqa: ANN401 - JSON of any shape
    """Return the objects at the end of *steps*."""
    found = [value]
    for step in steps:
        name = step.removesuffix(ONLY)
        here = [one[name] for one in found if isinstance(one, dict) and name in one]
        found = here if name == step else [item for items in here for item in items]
    return [one for one in found if isinstance(one, dict)]


def _values(entry: _Entry, path: str) -> Iterator[Any]:
    *outer, last = path.split(".")
    yield from (copied(found[last]) for found in _containers(entry, outer) if last in found)


def _put(value: Any, steps: Sequence[str], item: object) -> None:  # noqa: ANN401 - JSON of any shape
    """Put *item* at the end of *steps* where nothing stands, making the objects on the way, but no list items."""
    name = steps[0].removesuffix(ONLY)
    if len(steps) == 1:
        value.setdefault(name, item)
    elif name != steps[0]:
        for inner in value.get(name, ()):
            _put(inner, steps[1:], copied(item))
    else:
        _put(value.setdefault(name, {}), steps[1:], item)


def _is_meant(loss: Mapping[str, Any], value: object, beside: Mapping[str, Any]) -> bool:
    """Say whether a loss is about *value*, which stands in *beside*."""
    if loss.get("without") in beside:
        return False
    parts = loss.get("is", {})
    if any(next(_values({"": value}, f".{path}"), None) != part for path, part in parts.items()):
        return False
    return "isNot" not in loss or any(
        next(_values({"": value}, f".{path}"), None) != part for path, part in loss["isNot"].items()
    )
