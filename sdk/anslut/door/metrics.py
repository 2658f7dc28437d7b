"""What is counted for Prometheus: types, outcomes and times; never who, never about whom."""

from __future__ import annotations

import os

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 27)


class Metrics:
    """The numbers of one application; with several worker processes, of all of them."""

    def __init__(self) -> None:
        """Start at zero."""
        # Imported here, for it looks for PROMETHEUS_MULTIPROC_DIR once, when it is first imported.
        from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: PLC0415

        self._registry = CollectorRegistry()
        self._labelled: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
        self._calls = Counter(
            "anslut_searches", "Searches by outcome.", ["type", "outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "anslut_search_seconds",
            "Time a search took.",
            ["type"],
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def count(self, *, type_name: str, outcome: str, seconds: float) -> None:
        """Count one search; *type_name* must be a known type, or it would let a caller invent names."""
        key = type_name, outcome
        if key not in self._labelled:  # a lookup by label costs more than the counting
            self._labelled[key] = self._calls.labels(type_name, outcome), self._seconds.labels(type_name)
        calls, timer = self._labelled[key]
        calls.inc()
        timer.observe(seconds)

    def text(self) -> bytes:
        """Return all numbers in Prometheus' text form."""
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - see above
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - see above

        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # untyped in the library
        return generate_latest(together)
