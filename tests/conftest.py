"""What tests of several packages share."""

from __future__ import annotations

import gc
import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable


#: Python looks for objects to throw away at every 700 new ones: a sixth of the time of all tests.
gc.set_threshold(50_000)


@pytest.fixture(scope="session")
def national_schemas() -> Path:
    """Return the folder of the national schemas (XSD, WSDL); skip loudly where there is no copy."""
    beside = Path(__file__).parents[2] / "shared" / "rivta"
    found = Path(os.environ.get("ANSLUT_RIVTA_SCHEMAS", beside))
    if not found.is_dir():
        pytest.skip("the national XSDs are not here: set ANSLUT_RIVTA_SCHEMAS to a copy of them")
    return found


class _AnchorsRemoved(etree.Resolver):
    """Serves schema files with `^` and `$` taken out of their patterns, where XSD takes them for characters."""

    def resolve(self, system_url: str, public_id: str, context: object) -> object:
        """Return the file's text as it was meant."""
        del public_id
        path = Path(unquote(urlsplit(system_url).path))
        if path.suffix != ".xsd":
            return None
        text = re.sub(rb'(<xs:pattern value=")\^(.*?)\$(")', rb"\1\2\3", path.read_bytes())
        return self.resolve_string(text, context, base_url=system_url)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def national_schema(national_schemas: Path) -> Callable[[str], etree.XMLSchema]:
    """Return the function that loads a national schema by its place, once each."""

    @cache
    def load(place: str) -> etree.XMLSchema:
        parser = etree.XMLParser()
        parser.resolvers.add(_AnchorsRemoved())
        return etree.XMLSchema(etree.parse(str(national_schemas / place), parser))

    return load
