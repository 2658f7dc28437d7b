"""Workers that share a state agree at the next call, and testers beside each other never collide."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.app import EXTENSION
from anslut_simulators.commands.simulate import simulate
from anslut_simulators.store import open_store
from anslut_simulators.store.errors import StateError, StateUnreachableError
from click.testing import CliRunner
from state_worker import Worker, work

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WORKERS, ROUNDS = 4, 9


@pytest.mark.slow
def test_processes_write_read_and_reset_at_once(address: str) -> None:
    """Nothing is lost, nothing is written over, and every change has a number of its own."""
    first = Worker(address)
    note = first.write("gemensam", "care-documentation")
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=work, args=(address, place, ROUNDS, note)) for place in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=100)

    assert [worker.exitcode for worker in workers] == [0] * WORKERS
    assert len({event["id"] for event in first.truth("gemensam")}) == WORKERS * ROUNDS
    (edited,) = [event for event in first.truth("gemensam", "care-documentation") if event["id"] == note]
    assert len(edited["atoms"]) == 1 + WORKERS * ROUNDS
    assert first.call("omstartad", "GET", "clock")["generation"] == 1 + WORKERS * ROUNDS
    numbers = first.app.extensions[EXTENSION].store.read(
        "SELECT number FROM change WHERE scenario = 'gemensam' ORDER BY number"
    )
    assert [row[0] for row in numbers] == list(range(1, 2 + 2 * WORKERS * ROUNDS))
    first.close()


def test_a_write_is_seen_by_another_worker_at_the_very_next_call(address: str) -> None:
    """A load balancer sends the next call anywhere."""
    one, other = Worker(address), Worker(address)
    for turn in range(20):
        one.write("delad")
        assert len(other.truth("delad")) == 2 * turn + 1
        other.write("delad")
        assert len(one.truth("delad")) == 2 * turn + 2
        other.call("delad", "POST", "clock/advance", {"seconds": 1})
        assert one.call("delad", "GET", "clock") == other.call("delad", "GET", "clock")
    one.close()
    other.close()


def test_what_is_refused_leaves_nothing_behind(address: str) -> None:
    """A write that fails half-way is undone, in the database and in every worker's memory."""
    one, other = Worker(address), Worker(address)
    taken = one.write("delad")
    one.call("delad", "POST", "events", {"event": {"type": "diagnoses"}}, status=422)
    order = {"type": "diagnoses", "id": taken, "patientId": {"root": "x", "extension": "y"}}
    one.call("delad", "POST", "events", {"event": order}, status=422)
    other.write("delad")

    assert len(one.truth("delad")) == 2
    assert one.truth("delad") == other.truth("delad")
    one.close()
    other.close()


def test_regions_share_a_server_without_meeting(new_database: Callable[[], str]) -> None:
    """A scenario's name means another world in another region."""
    address = new_database()
    here, there = (open_store(address, region=region) for region in ("fjallmark", "skogs-dalen"))
    with here.write() as connection:
        connection.execute("INSERT INTO world VALUES ('prov', 1)")

    assert here.read("SELECT value FROM world WHERE name = 'prov'") == [(1,)]
    assert there.read("SELECT value FROM world WHERE name = 'prov'") == []
    here.close()
    there.close()


def test_a_server_that_restarts_is_found_again(new_database: Callable[[], str]) -> None:
    """Idle connections die with the server; the next call must not, whether it reads or writes."""
    address = new_database()
    worker, other = Worker(address), open_store(address, region="skogsdalen")
    worker.write("delad")
    end_all = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert other.read(end_all)
    assert len(worker.truth("delad")) == 1
    assert other.read(end_all)
    worker.write("delad")

    assert len(worker.truth("delad")) == 2
    with pytest.raises(StateUnreachableError):
        other.read(f"{end_all.partition(' AND ')[0]} ORDER BY pid = pg_backend_pid()")
    worker.close()
    other.close()


def test_a_database_that_is_gone_is_said_to_be(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources and control plane alike: try again later, and not what a broken simulator says."""
    worker = Worker(address)
    worker.write("delad")
    monkeypatch.setattr(worker.app.extensions[EXTENSION].store, "mark", _gone)
    client = worker.app.test_client()
    answers = [client.get("/_sim/s/delad/clock"), client.get("/s/delad/kosmos/api/v2/koder/roller")]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert {answer.get_json(force=True)["type"] for answer in answers} == {
        "urn:anslut:problem:state-unreachable"
    }
    worker.close()


def _gone(scenario: str) -> int:
    del scenario
    raise StateUnreachableError


def test_the_command_says_it_without_the_password() -> None:
    """What a terminal shows stays in its history."""
    pytest.importorskip("psycopg")
    wrong = "postgresql://anslut:hemligt@127.0.0.1:1/prov"
    ended = CliRunner().invoke(simulate, ["--port", "0"], env={"ANSLUT_SIMULATOR_STATE": wrong})

    assert ended.exit_code == 1
    assert "127.0.0.1:1/prov does not answer: start it" in ended.output
    assert "hemligt" not in ended.output


def test_a_transaction_in_another_is_part_of_it(address: str) -> None:
    """What was written inside goes when the outer block fails."""
    store = open_store(address, region="fjallmark")

    def outer() -> None:
        with store.write():
            with store.write() as inner:
                inner.execute("INSERT INTO world VALUES ('prov', 1)")
            assert store.read("SELECT value FROM world WHERE name = 'prov'") == [(1,)]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer()

    assert store.read("SELECT value FROM world WHERE name = 'prov'") == []
    store.close()


def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL is an extra; who asks for it is told which."""
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(StateError, match=r'pip install "anslut\[postgresql\]"'):
        open_store("postgresql://nobody:hemligt@localhost/anslut", region="fjallmark")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://anslut:hemligt@127.0.0.1:1/prov", r"127\.0\.0\.1:1/prov does not answer: start it"),
        ("postgres://anslut:hemligt@127.0.0.1:1/prov", "does not answer"),
        ("postgresql+psycopg://anslut:hemligt@127.0.0.1:1/prov", "does not answer"),
        ("postgresql://anslut:hemligt@127.0.0.1:hemligt/prov", "the address given does not answer"),
        ("mysql://anslut:hemligt@127.0.0.1/prov", "a file's path or a postgresql:// address"),
    ],
)
def test_a_server_out_of_reach_says_what_to_do_and_no_password(address: str, said: str) -> None:
    """The message goes to a terminal or a log."""
    pytest.importorskip("psycopg")
    with pytest.raises(StateError, match=said) as refused:
        open_store(address, region="fjallmark")

    assert "hemligt" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_missing_database_is_told_apart(server: object, new_database: Callable[[], str]) -> None:
    """The server is there; what is missing is one command away."""
    del server
    address = new_database().replace("/prov", "/finnsinte")
    with pytest.raises(StateError, match=r"no such database or user: create it \(createdb\)"):
        open_store(address, region="fjallmark")


@pytest.mark.parametrize("written", ["another version", "another program"])
def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path, written: str) -> None:
    """Yesterday's state must not be read as today's, and nothing else be written over."""
    path = tmp_path / "state.sqlite"
    if written == "another version":
        store = open_store(path, region="fjallmark")
        with store.write() as connection:
            connection.execute("PRAGMA user_version = 1")
        store.close()
    else:
        path.write_bytes(b"Inte en databas. " * 100)
    before = path.read_bytes()
    with pytest.raises(StateError, match="name another with --state"):
        open_store(path, region="fjallmark")

    assert path.read_bytes() == before
