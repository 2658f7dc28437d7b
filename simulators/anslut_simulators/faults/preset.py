"""Fault presets: bad days that everybody knows, each a file in `presets/` (`preset.schema.json` says how)."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


class Preset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Faults that belong together, without a system: who asks for them says which."""

    preset: str
    sv: str
    en: str
    faults: tuple[dict[str, Any], ...]


class PresetOrder(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True
):
    """A preset that was asked for, and what all of its faults share."""

    preset: str
    system: str
    path: str | None = None
    patient_id: dict[str, str] | None = None
    seed: int = 0


@cache
def presets() -> Mapping[str, Preset]:
    """Return every preset, by name."""
    folder = resources.files(__package__).joinpath("presets")
    found = [msgspec.json.decode(file.read_bytes(), type=Preset) for file in folder.iterdir()]
    return {preset.preset: preset for preset in sorted(found, key=lambda preset: preset.preset)}


def orders(wanted: PresetOrder) -> list[dict[str, Any]]:
    """Return the faults of the preset that is *wanted*, each as it would be asked for alone."""
    shared = {name: value for name, value in msgspec.to_builtins(wanted).items() if name != "preset"}
    return [{**fault, **shared} for fault in presets()[wanted.preset].faults]
