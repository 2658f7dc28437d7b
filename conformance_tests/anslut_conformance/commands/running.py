"""What `certify` and `doctor` do behind their options."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from anslut_contracts.clock import SystemClock

from anslut_conformance.errors import ConfigurationError, ExaminerError, ReportRefusedError
from anslut_conformance.examine import examine
from anslut_conformance.opening import Listener, opened
from anslut_conformance.order import Order
from anslut_conformance.preflight import preflight
from anslut_conformance.report import build, write
from anslut_conformance.setting import Setting, as_exports
from anslut_conformance.terminal import EXIT_EXAMINER, EXIT_SET_UP, Terminal, exit_code

_UNHELD = {"fail", "error", "config", "blocked", "not-observed"}


def order_of(options: dict[str, Any]) -> Order:
    """Return the order that command-line *options* amount to; raise `ConfigurationError` when they do not."""
    folder = Path(options.get("folder") or "anslut-report").absolute()
    rules = frozenset(rule.upper() for rule in options.get("rule") or ()) or None
    if options.get("failed"):
        rules = (rules or frozenset()) | failed_rules(folder / "report.json")
    return Order(
        connector=options.get("connector"),
        start=options.get("start"),
        lane="quick" if options.get("quick") else options.get("lane") or "full",
        rules=rules,
        region=options.get("region") or "fjallmark",
        system=options.get("system"),
        authentication=options.get("authentication") != "off",
        index=options.get("index") or "json",
        simulator_port=options.get("simulator_port"),
        issuer_port=options.get("issuer_port"),
        wait_seconds=options.get("wait_seconds") or 120.0,
        access_log=_absolute(options.get("access_log")),
        ca_file=options.get("ca_file"),
        client_certificate=_certificate(options.get("client_cert"), options.get("client_key")),
        deviations=options.get("deviations"),
        folder=folder,
        resume=bool(options.get("resume")),
    )


def _certificate(certificate: str | None, key: str | None) -> tuple[str, str] | None:
    if bool(certificate) != bool(key):
        raise ConfigurationError(
            "a client certificate needs its key", hint="give --client-cert and --client-key together"
        )
    return (certificate, key) if certificate and key else None


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.absolute()


def failed_rules(report: Path) -> frozenset[str]:
    """Return the rules that did not hold in a written report; raise `ConfigurationError` when there are none."""
    try:
        rules = orjson.loads(report.read_bytes())["rules"]
    except (OSError, KeyError, orjson.JSONDecodeError) as error:
        raise ConfigurationError(
            f"there is no last report at {report}", hint="run once without --failed"
        ) from error
    found = frozenset(rule["id"] for rule in rules if rule["verdict"] in _UNHELD)
    if not found:
        raise ConfigurationError("in the last report every rule held", hint="run without --failed")
    return found


def carry_out(options: dict[str, Any]) -> int:
    """Run `certify` and return its exit code."""
    terminal = Terminal()
    try:
        order = order_of(options)
        terminal.by_hand = order.by_hand
        if options.get("print_settings"):
            print_settings(order)
            return 0
        outcome = examine(order, listener=_listener(terminal), clock=SystemClock())
        written = write(build(outcome), order.folder) if order.folder is not None else None
    except ConfigurationError as error:
        terminal.finish()
        _complain(terminal, error)
        return EXIT_SET_UP
    except (ReportRefusedError, ExaminerError) as error:
        terminal.finish()
        terminal.say(f"⚙ GRANSKARFEL (ERROR): {error}")
        return EXIT_EXAMINER
    finally:
        terminal.finish()
    terminal.show(outcome, written)
    return exit_code(outcome)


def print_settings(order: Order) -> None:
    """Print what a connector started by hand is told."""
    simulator, issuer = Order(connector="http://", simulator_port=order.simulator_port).ports
    with Setting(
        region=order.region,
        simulator_port=simulator,
        issuer_port=order.issuer_port or issuer,
        authentication=order.authentication,
    ) as setting:
        by_hand = replace(order, connector="http://", start=None)
        told = setting.environment(
            order.scenario,
            access_log=by_hand.access_log_file(Path.cwd()),
            state=None,
            profile=by_hand.profile_file(Path.cwd()),
            index=order.index,
        )
        print(as_exports(told))  # noqa: T201


def diagnose(options: dict[str, Any]) -> int:
    """Run `doctor`: answer whether it is the set-up or the code, and return the exit code."""
    terminal = Terminal()
    try:
        order = order_of(options)
        terminal.by_hand = order.by_hand
        with opened(order, listener=_listener(terminal)) as (exam, _):
            steps = preflight(exam)
    except ConfigurationError as error:
        terminal.say("Det är uppställningen (it is the set-up):")
        _complain(terminal, error)
        return EXIT_SET_UP
    for step in steps:
        terminal.say(f"{'✓' if step.ok else '✗'} {step.sv} ({step.en}): {step.found}")
    last = steps[-1]
    if last.ok:
        terminal.say("\nUppställningen är rätt (the set-up is right): anslut certify --quick")
        return 0
    if last.blame == "set-up":
        terminal.say(f"\nDet är uppställningen (it is the set-up).\n→ {last.hint}")
        return EXIT_SET_UP
    terminal.say(f"\nDet är koden (it is the code).\n→ {last.hint or last.found}")
    return 1


def _listener(terminal: Terminal) -> Listener:
    return Listener(
        on_environment=terminal.on_environment,
        on_waiting=terminal.on_waiting,
        on_steps=terminal.on_steps,
        on_plan=terminal.on_plan,
        on_result=terminal.on_result,
    )


def _complain(terminal: Terminal, error: ConfigurationError) -> None:
    terminal.say(f"⌁ UPPSTÄLLNING (CONFIG): {error.message}")
    if error.hint:
        terminal.say(f"  → {error.hint}")
