"""The whole country in one process: how long until every source system answers, and in how much memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.report import Bar, Section

if TYPE_CHECKING:
    from benchmarks.measure import Setup

START_BAR_SECONDS = 3
MEMORY_BAR_MIB = 300
TRIES, SMOKE_TRIES = 3, 1

# A process of its own, because memory never shrinks, and because loading the modules is part of the start.
_SCRIPT = """
import json, resource, time
started = time.perf_counter()
from anslut_simulators.nation import serve_country
import urllib.request

def ask(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code

def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

with serve_country() as country:
    answers = [
        ask(f"{region.base_url}/s/demo/{name}/-")
        for region in country.regions.values()
        for name in region.parts.systems
    ]
    seconds, size = time.perf_counter() - started, memory()
    for region in country.regions.values():
        for persona in region.control().personas()[:20]:
            region.control().truth(persona["patientId"])
    failed = sum(status >= 500 for status in answers)
    counts = {"systems": len(answers), "regions": len(country.regions), "failed": failed}
    print(json.dumps({**counts, "seconds": seconds, "mib": size, "read": memory()}))
"""


def run(setup: Setup) -> Section:
    """Start the country a few times and take the slowest."""
    runs = [_once() for _ in range(SMOKE_TRIES if setup.smoke else TRIES)]
    slowest = max(runs, key=lambda one: one["seconds"])
    systems = f"{slowest['regions']:.0f} regions, {slowest['systems']:.0f} source systems"
    figures = [
        (f"from nothing until {systems} have answered", slowest["seconds"], "s"),
        ("memory then (largest resident size)", slowest["mib"], "MiB"),
        ("memory when the personas' records have been read", slowest["read"], "MiB"),
        ("systems that failed", slowest["failed"], ""),
    ]
    return Section(
        title="The country in one process",
        how=f"interpreter and modules included, slowest of {len(runs)}",
        figures=figures,
        notes=[
            "A school health replica is a database of its own: it is made when its address is first asked for."
        ],
        bars=[
            Bar(
                name="start of the country",
                wanted=START_BAR_SECONDS,
                got=slowest["seconds"],
                unit="s",
                more_is_better=False,
            ),
            Bar(
                name="memory of the country",
                wanted=MEMORY_BAR_MIB,
                got=slowest["mib"],
                unit="MiB",
                more_is_better=False,
            ),
        ],
    )


def _once() -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured
