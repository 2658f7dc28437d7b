"""Certify every example connector over HTTP and through its RIV-TA door; fail when one is not as good as it should be.

In process they are judged by the kill matrix, whose first rows they are.

`python .ci/certify_examples.py FOLDER`: a report of each run goes into FOLDER. A rule that speaks of a kind of source
system must be tried there, or stand in `not_tried.json` with the reason: what is silently left out would look green.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from anslut_conformance.matrix import examples
from anslut_contracts import rules
from anslut_simulators.systems import described_systems


def runs(folder: Path, system: str, target: str) -> dict[Path, list[str]]:
    """Return the runs of one example by report folder, as arguments of `anslut certify`."""
    served = f"anslut serve {target} --port {{port}}"
    return {
        folder / f"certify-{system}-http": ["--system", system, "--start", served],
        folder / f"certify-{system}-rivta": [
            *("--system", system, "--start", f"{served} --rivta"),
            *("--connector", "rivta+http://127.0.0.1:{port}"),
        ],
    }


def left_out(report: Path, system: str) -> set[str]:
    """Return the rules that speak of the system's kind and types and were found not to apply."""
    document = json.loads(report.read_text("utf-8"))
    form = "rivta" if document["run"]["door"] == "rivta" else "json"
    kind, types = described_systems()[system].kind, {"*", *document["manifest"]["types"]}
    return {
        result["id"]
        for result in document["rules"]
        if result["verdict"] == "not-applicable"
        and "connector" in rules()[result["id"]].binds
        and form in rules()[result["id"]].forms
        and {"*", kind} & set(rules()[result["id"]].systems)
        and types & set(rules()[result["id"]].types)
    }


def certify(report: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Carry out one run, and return what it printed with how it ended."""
    command = ["anslut", "certify", *arguments, "--report", str(report)]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def main() -> int:
    """Run all, two at a time, also after a failure, and return how it went."""
    known = json.loads(Path(__file__).with_name("not_tried.json").read_text("utf-8"))
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        under_way = [
            (system, report, pool.submit(certify, report, arguments))
            for system, target in examples().items()
            for report, arguments in runs(Path(sys.argv[1]), system, target).items()
        ]
        for system, report, run in under_way:
            print(f"\n{report.name}\n{run.result().stdout}", flush=True)
            if run.result().returncode:
                failed.append(report.name)
                continue
            surprise = left_out(report / "report.json", system) ^ set(known.get(system, {}))
            if surprise:
                print(f"tried or left out against not_tried.json: {', '.join(sorted(surprise))}")
                failed.append(report.name)
    print(f"\n{len(failed)} failed: {', '.join(failed)}" if failed else "\nall examples hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
