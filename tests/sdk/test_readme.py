"""The README's connector works as it stands there."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from anslut import Caller, Settings
from anslut.settings import _NAMES

README = Path(__file__).resolve().parents[2] / "sdk" / "README.md"
ROW = {"id": "1", "entered": "2023-03-04 10:00:00", "who": "Ada Ek", "code": "I10.9", "text": "Hypertoni"}


def test_the_shortest_connector_answers(fake_source: Any) -> None:
    """Somebody will copy it."""
    code = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)[0]
    module: dict[str, Any] = {"__name__": "my_module"}
    exec(compile(code, "README.md", "exec"), module)  # noqa: S102 - our own README
    number = "199001022384"
    rows = f'{{"rows": [{{"person": "{number}", {str(ROW)[1:-1]}}}]}}'.replace("'", '"').encode()
    fake_source.answers = lambda *_: (200, {"Content-Type": "application/json"}, rows)
    connector = module["MyConnector"](
        Settings(source_url=fake_source.url, source_system_id="SE2321000999-K001", region_profile="fjallmark")
    )

    answer = connector.search(
        "diagnoses",
        {"patientId": {"root": "1.2.752.129.2.1.3.1", "extension": number}},
        caller=Caller(consumer_hsa_id="SE2321000999-C001"),
    )

    assert [entry["body"]["diagnosisCode"]["code"] for entry in answer["entries"]] == ["I109"]


def test_every_setting_is_described() -> None:
    """And nothing that is not one."""
    described = set(re.findall(r"`ANSLUT_([A-Z_]+)`", README.read_text("utf-8")))
    short = {long: name for name, long in _NAMES.items()}
    known = {short.get(item.name, item.name).upper() for item in fields(Settings) if item.init}

    assert described == known
