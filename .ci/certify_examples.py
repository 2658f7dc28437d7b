"""Certify every example connector through both doors, and end with failure when one is not as good as it should be.

`python .ci/certify_examples.py FOLDER`: a report of each run goes into FOLDER.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from anslut_conformance.matrix import examples


def runs(folder: Path) -> dict[str, list[str]]:
    """Return every run by name, as arguments of `anslut certify`."""
    found: dict[str, list[str]] = {}
    for system, target in examples().items():
        common = ["--system", system, "--report"]
        name = f"certify-{system}"
        found[f"{name}-in-process"] = [*common, str(folder / f"{name}-in-process"), "--connector", target]
        served = f"anslut serve {target} --port {{port}}"
        found[f"{name}-http"] = [*common, str(folder / f"{name}-http"), "--start", served]
    return found


def main() -> int:
    """Run all, also after a failure, and return how it went."""
    failed = []
    for name, arguments in runs(Path(sys.argv[1])).items():
        print(f"\n{name}", flush=True)
        if subprocess.run(["anslut", "certify", *arguments], check=False).returncode:  # noqa: S607 - our own
            failed.append(name)
    print(f"\n{len(failed)} failed: {', '.join(failed)}" if failed else "\nall examples hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
