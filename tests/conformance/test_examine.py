"""Whole examinations: a good connector through every door, and every way a set-up can be wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from anslut_conformance.commands.running import failed_rules
from anslut_conformance.errors import ConfigurationError, ReportRefusedError
from anslut_conformance.examine import Outcome, examine
from anslut_conformance.order import Order
from anslut_conformance.report import build, write
from anslut_conformance.setting import Setting
from anslut_conformance.terminal import exit_code
from anslut_conformance.verdicts import Certificate, Verdict
from anslut_contracts import validation
from anslut_contracts.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

GOOD = "anslut_examples.kosmos:KosmosConnector"
ANSLUT = str(Path(sys.executable).with_name("anslut"))
SERVE = f"{ANSLUT} serve {GOOD} --port {{port}}"


@pytest.fixture(scope="module", name="setting")
def open_setting() -> Iterator[Setting]:
    """One region for the module."""
    with Setting() as setting:
        yield setting


def run(setting: Setting | None = None, **order: Any) -> Outcome:
    """Carry out an order on the shared stage."""
    return examine(Order(**order), setting=setting, clock=SystemClock())


def verdicts(outcome: Outcome) -> dict[str, Verdict]:
    """Return each rule's verdict."""
    return {result.rule: result.verdict for result in outcome.judgement.rules}


def red(outcome: Outcome) -> dict[str, str]:
    """Return what did not hold, with its reason."""
    unheld = {Verdict.FAIL, Verdict.ERROR, Verdict.CONFIG, Verdict.BLOCKED}
    return {r.rule: r.reason for r in outcome.judgement.rules if r.verdict in unheld}


def test_the_good_connector_is_green_in_this_process(setting: Setting) -> None:
    """And still not approved: the long lane has not been run, and skipped is never passed."""
    outcome = run(setting, connector=GOOD, scenario="green")

    assert red(outcome) == {}
    assert outcome.unobserved == {}
    assert outcome.judgement.decision.certificate is Certificate.INCOMPLETE
    assert [row.name for row in outcome.judgement.decision.reasons] == ["lanes"]
    assert exit_code(outcome) == 0


def test_the_good_connector_is_green_as_a_program_of_its_own(tmp_path: Path) -> None:
    """The same verdicts through HTTP, with files and output still watched."""
    outcome = run(start=SERVE, lane="full", folder=tmp_path)

    assert red(outcome) == {}
    assert outcome.unobserved == {}
    assert (outcome.door, exit_code(outcome)) == ("http", 0)


def test_a_connector_started_by_hand_leaves_files_and_output_unseen(tmp_path: Path) -> None:
    """What could not be seen is never passed, and the report says how to start instead."""
    port = free()
    order = Order(
        connector=f"http://127.0.0.1:{port}",
        lane="quick",
        simulator_port=free(),
        issuer_port=free(),
        folder=tmp_path,
        wait_seconds=30,
    )
    printed = subprocess.run(
        [
            sys.executable,
            "-m",
            "anslut_conformance",
            "--connector",
            f"http://127.0.0.1:{port}",
            "--print-settings",
            "--simulator-port",
            str(order.simulator_port),
            "--issuer-port",
            str(order.issuer_port),
            "--report",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    ).stdout
    told = dict(line.removeprefix("export ").split("=", 1) for line in printed.splitlines())
    program = subprocess.Popen(
        [ANSLUT, "serve", GOOD, "--port", str(port)],
        env={**os.environ, **told},
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        outcome = examine(order, clock=SystemClock())
    finally:
        program.terminate()
        program.wait(10)

    assert red(outcome) == {}
    assert set(outcome.unobserved) == {"files", "process"}
    assert "--start" in outcome.unobserved["files"]


def test_without_tokens_the_security_chapter_is_not_observed(setting: Setting) -> None:
    """Authentication off is a choice for a laptop; it is never approved."""
    with Setting(authentication=False) as bare:
        outcome = run(bare, connector=GOOD, authentication=False, rules=frozenset({"SEC-001", "SEC-002"}))

    assert {verdicts(outcome)[rule] for rule in ("SEC-001", "SEC-002")} == {Verdict.NOT_OBSERVED}
    assert outcome.judgement.decision.certificate is Certificate.INCOMPLETE
    assert exit_code(outcome) == 4
    del setting


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"connector": "no_such_module:Thing"}, "no_such_module"),
        ({"connector": "anslut_examples.kosmos:Nobody"}, "Nobody"),
        ({"connector": "anslut_examples.kosmos:TYPES"}, "neither"),
        ({"connector": "just-a-word"}, "neither a URL"),
        ({}, "no connector"),
        ({"start": "no-such-program --port {port}"}, "could not be started"),
        ({"start": f"{sys.executable} -c 'raise SystemExit(3)'"}, "ended by itself with code 3"),
        ({"start": "unclosed ' quote"}, "cannot be read"),
    ],
)
def test_a_wrong_order_is_the_set_ups_fault_and_says_which(
    setting: Setting, wrong: dict[str, Any], said: str
) -> None:
    """Nobody should read a connector's log to find a typing error."""
    outcome = run(setting, **wrong, wait_seconds=20)

    assert said in f"{outcome.set_up_fault}"
    assert set(verdicts(outcome).values()) <= {Verdict.BLOCKED, Verdict.NOT_APPLICABLE}
    assert exit_code(outcome) == 2


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ANSLUT_REGION_PROFILE", "OTHER", "regionprofil"),
        ("ANSLUT_SOURCE_SYSTEM_ID", "SE2321000999-K999", "källsystem"),
        ("ANSLUT_SOURCE_CLIENT_SECRET", "wrong", "Källsystemet"),
        ("ANSLUT_SOURCE_URL", "http://127.0.0.1:9/s/x/kosmos", "Källsystemet"),
        ("ANSLUT_AUDIENCE", "another", "intyg"),
    ],
)
def test_a_connector_with_a_wrong_setting_is_config_and_never_fail(  # noqa: PLR0913, PLR0917 - fixtures and cases
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """Most errors are in the set-up: a certificate must not list them as broken rules."""
    if value == "OTHER":
        other = tmp_path / "other.toml"
        text = (Path(str(profile_path()))).read_text("utf-8")
        other.write_text(text.replace("respite_days = 0", "respite_days = 14"), "utf-8")
        value = str(other)
    original = Setting.environment
    monkeypatch.setattr(
        Setting, "environment", lambda self, *args, **named: {**original(self, *args, **named), name: value}
    )
    if name == "ANSLUT_SOURCE_SYSTEM_ID":
        # The examiner must judge by the right one: only the connector is told wrong.
        monkeypatch.setattr(
            "anslut_conformance.exam.Exam.source_system_id", property(lambda _: "SE2321000999-K001")
        )
    outcome = run(setting, connector=GOOD, scenario="wrong-setting")

    assert said in f"{outcome.set_up_fault}"
    assert Verdict.FAIL not in verdicts(outcome).values()
    assert outcome.hint
    assert exit_code(outcome) == 2


def profile_path() -> Path:
    """Return the file of the region's profile."""
    import anslut_contracts  # noqa: PLC0415 - its folder only

    return Path(anslut_contracts.__file__).parent / "profiles" / "fjallmark.toml"


def free() -> int:
    """Return a port that was free a moment ago."""
    from anslut_conformance.started import free_port  # noqa: PLC0415 - one use

    return free_port()


def test_the_report_is_written_whole_valid_and_without_a_persons_number(
    setting: Setting, tmp_path: Path
) -> None:
    """Four files from one run; each finding has what was expected, what came, and how to see it again."""
    outcome = run(
        setting, connector="anslut_examples.careless:CarelessConnector", lane="quick", folder=tmp_path
    )
    document = build(outcome)
    written = write(document, tmp_path)

    assert validation.errors("report", orjson.loads(written.json.read_bytes())) == []
    failed = [check for check in document["checks"] if check["verdict"] == "fail"]
    assert failed
    assert all(check["reproduce"].startswith("anslut certify --connector") for check in failed)
    page = written.html.read_text("utf-8")
    assert "<script" not in page
    assert page.count('lang="sv"') > 100
    assert page.count('lang="en"') > 100
    evidence = (tmp_path / "evidence.ndjson").read_text("utf-8")
    assert evidence.count("\n") == len(outcome.checks) + 1
    from anslut_simulators.population import default_population  # noqa: PLC0415 - numbers to look for

    numbers = [p.extension for one in default_population().personas().values() for p in one.identities]
    for text in (page, evidence, written.csv.read_text("utf-8"), written.junit.read_text("utf-8")):
        assert not [number for number in numbers if number in text or number[2:] in text]
    assert failed_rules(written.json) == {r for r, v in verdicts(outcome).items() if v is Verdict.FAIL}


def test_a_report_with_a_number_that_may_be_real_is_not_written(setting: Setting, tmp_path: Path) -> None:
    """The connector may have been pointed at a real system by mistake."""
    outcome = run(setting, connector=GOOD, rules=frozenset({"ALL-004"}))
    document = build(outcome)
    # Made here so that the number is nowhere in this file: day 15, month 2, and a check digit that fits.
    digits = "850215" + "998"
    total = sum((v := int(d) * (2 - i % 2)) - (9 if v > 9 else 0) for i, d in enumerate(digits))
    document["checks"][0]["message"] = f"{digits[:6]}-{digits[6:]}{-total % 10}"

    with pytest.raises(ReportRefusedError):
        write(document, tmp_path / "refused")

    assert not (tmp_path / "refused").exists()


def test_an_interrupted_run_goes_on_where_it_was(setting: Setting, tmp_path: Path) -> None:
    """And only with the order it was begun with; a half-written last line is asked again."""
    rules = frozenset({"ALL-004", "TIM-003", "STO-003"})
    order = Order(connector=GOOD, rules=rules, folder=tmp_path)
    whole = examine(order, setting=setting, clock=SystemClock())
    path = tmp_path / "evidence.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:20])

    again = examine(replace(order, resume=True), setting=setting, clock=SystemClock())

    assert verdicts(again) == verdicts(whole)
    assert [check.check for check in again.checks] == [check.check for check in whole.checks]
    assert path.read_bytes().count(b"\n") == len(lines)
    other = examine(replace(order, resume=True, lane="quick"), setting=setting, clock=SystemClock())
    assert "another run" in f"{other.set_up_fault}"


def test_no_socket_but_loopback_is_opened(setting: Setting) -> None:
    """It must work on a laptop in a hospital cellar, and tell nobody outside."""
    places: list[object] = []

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if listening and event in {"socket.connect", "socket.bind", "socket.sendto"}:
            places.append(arguments[1])
        elif listening and event == "socket.getaddrinfo":
            places.append((arguments[0],))

    listening = [True]
    sys.addaudithook(hear)
    try:
        run(setting, connector=GOOD, lane="quick", scenario="loopback")
    finally:
        listening.clear()

    assert places
    assert {place[0] for place in places if isinstance(place, tuple)} <= {
        "127.0.0.1",
        "localhost",
        "::1",
        None,
    }


def test_an_unknown_rule_is_refused(setting: Setting) -> None:
    """A typing error must not become an empty, green run."""
    with pytest.raises(ConfigurationError, match="ZZZ-001"):
        run(setting, connector=GOOD, rules=frozenset({"ZZZ-001"}))
