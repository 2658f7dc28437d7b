"""The forms of time: what a local clock says, what JSON says, and the two nights when they differ."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from anslut_contracts import FrozenClock, SystemClock, time_form
from anslut_contracts.clock import in_stockholm
from anslut_contracts.errors import LocalTimeError
from hypothesis import given
from hypothesis import strategies as st

MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 2),  # noqa: DTZ001 - hypothesis puts the zone on
    max_value=datetime(2098, 12, 30),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2023-03-04 10:12:33", "2023-03-04T10:12:33+01:00"),
        ("20230704101233", "2023-07-04T10:12:33+02:00"),
        ("2023-07-04T10:12:33", "2023-07-04T10:12:33+02:00"),
        ("2023-10-29 02:30:00", "2023-10-29T02:30:00+02:00"),
        ("2023-10-29 03:00:00", "2023-10-29T03:00:00+01:00"),
        ("2023-03-26 01:59:59", "2023-03-26T01:59:59+01:00"),
        ("2023-03-26 03:00:00", "2023-03-26T03:00:00+02:00"),
        ("1945-06-01 12:00:00", "1945-06-01T12:00:00+01:00"),
    ],
)
def test_a_local_time_gets_the_offset_of_its_day(local: str, expected: str) -> None:
    """Source systems keep naive local times: the repeated hour is its first occurrence."""
    assert time_form.to_json(time_form.from_local(local)) == expected


@pytest.mark.parametrize("skipped", ["2023-03-26 02:00:00", "20230326023000", "2023-03-26 02:59:59"])
def test_the_skipped_hour_is_an_error_of_the_source(skipped: str) -> None:
    """A time that never was must not silently become another one."""
    with pytest.raises(LocalTimeError, match="skipped"):
        time_form.from_local(skipped)


@pytest.mark.parametrize(
    "text",
    ["", "2023", "2023-02-30 10:00:00", "20230230100000", "2023-03-04 10:12", "20230304101233\n", "x" * 14],
)
def test_what_is_no_local_time_is_refused(text: str) -> None:
    """Half a time, an impossible date or a trailing line feed is not read as something else."""
    with pytest.raises(LocalTimeError):
        time_form.from_local(text)


@pytest.mark.parametrize(
    "text", ["2023-03-04T10:12:33", "2023-03-04", "2023-02-30T10:00:00+01:00", "", "2023-03-04T10:12:33.5Z"]
)
def test_what_is_no_json_time_is_refused(text: str) -> None:
    """Times in JSON have whole seconds and an offset."""
    with pytest.raises(LocalTimeError):
        time_form.from_json(text)


@given(MOMENTS)
def test_json_keeps_the_moment(moment: datetime) -> None:
    """RFC 3339 with an offset loses nothing, in either of the repeated hours."""
    assert time_form.from_json(time_form.to_json(moment)) == moment


@given(MOMENTS)
def test_rivta_keeps_all_but_the_second_repeated_hour(moment: datetime) -> None:
    """RIV-TA loses exactly the hour after the clocks went back: it returns as the hour before."""
    kept = time_form.from_local(time_form.to_rivta(moment))

    local = in_stockholm(moment)
    if kept != moment:
        assert local.utcoffset() == timedelta(hours=1)
        assert kept == moment - timedelta(hours=1)
        assert kept.replace(tzinfo=None) == local.replace(tzinfo=None)


def test_the_second_repeated_hour_is_the_documented_loss() -> None:
    """The one moment in the year when RIV-TA says something else than JSON, by example."""
    second = time_form.from_json("2023-10-29T02:30:00+01:00")

    assert time_form.to_rivta(second) == "20231029023000"
    assert time_form.to_json(time_form.from_local("20231029023000")) == "2023-10-29T02:30:00+02:00"


def test_a_naive_moment_is_refused() -> None:
    """A moment without an offset could be any of 38 hours: say so instead of guessing."""
    with pytest.raises(ValueError, match="offset"):
        time_form.to_json(datetime(2023, 1, 1))  # noqa: DTZ001 - naive on purpose


def test_a_frozen_clock_moves_only_forward() -> None:
    """A test that sets the clock back would see a world that never was."""
    clock = FrozenClock(datetime(2023, 10, 29, 0, 30, tzinfo=UTC))

    assert clock.advance(seconds=3600) == datetime(2023, 10, 29, 1, 30, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(hours=1)
    with pytest.raises(ValueError, match="backwards"):
        clock.set(datetime(2023, 10, 29, tzinfo=UTC))
    with pytest.raises(ValueError, match="offset"):
        FrozenClock(datetime(2023, 1, 1))  # noqa: DTZ001 - naive on purpose


def test_the_system_clock_is_in_stockholm() -> None:
    """Everything that asks for the time gets an aware one."""
    assert SystemClock().now().utcoffset() in (timedelta(hours=1), timedelta(hours=2))
