"""The demo from beginning to end."""

from __future__ import annotations

import signal
import threading
import time
from typing import IO, TYPE_CHECKING

from anslut_contracts import SystemClock

from anslut_conformance.demo.guide import served
from anslut_conformance.demo.screen import Screen
from anslut_conformance.demo.trial import CONTENDERS, hold, others
from anslut_conformance.errors import ConfigurationError, ExaminerError, ReportRefusedError
from anslut_conformance.setting import Setting

if TYPE_CHECKING:
    from pathlib import Path

    from anslut_conformance.demo.trial import Contender, Trial

WORKED, DID_NOT = 0, 1


def show(stream: IO[str], *, folder: Path, serve: bool, stop: threading.Event | None = None) -> int:
    """Run the demo and return the exit code: 0 when the careful connector was green and the careless one red.

    Reports are written below *folder*. With *serve*, keep everything running until *stop* is set or Ctrl-C.
    """
    screen, begun = Screen(stream), time.monotonic()
    try:
        with Setting() as setting:
            screen.begin(setting.profile.sv.removeprefix("Region "))

            def tried(contender: Contender) -> Trial:
                trial = hold(
                    contender,
                    setting=setting,
                    folder=folder,
                    listener=screen.listen(contender),
                    clock=SystemClock(),
                )
                screen.verdict(trial, seconds=time.monotonic() - begun)
                return trial

            trials = [tried(contender) for contender in CONTENDERS]
            screen.compare(trials)
            for trial in trials:
                screen.harm(trial)
            screen.go_round()
            trials += [tried(contender) for contender in others()]
            screen.reports(trials)
            surprises = [surprise for trial in trials if (surprise := trial.surprise())]
            for surprise in surprises:
                screen.say(f"! {surprise}", style="bold red")
            if serve:
                _stay(screen, setting, folder=folder, stop=stop or threading.Event())
    except (ConfigurationError, ExaminerError, ReportRefusedError) as error:
        screen.end()
        screen.say(f"! {error}", style="bold red")
        return DID_NOT
    finally:
        screen.end()
    return DID_NOT if surprises else WORKED


def _stay(screen: Screen, setting: Setting, *, folder: Path, stop: threading.Event) -> None:
    with served(setting, folder) as running:
        screen.say()
        screen.say("Allt är igång (everything is running)", style="bold")
        for line in running.lines():
            screen.say(line)
        before = signal.signal(signal.SIGTERM, lambda _signal, _frame: stop.set()) if _is_main() else None
        try:
            stop.wait()
        except KeyboardInterrupt:
            stop.set()
        finally:
            if before is not None:
                signal.signal(signal.SIGTERM, before)
    screen.say("Klart (done).")


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()
