"""Side-by-side measurements: our servers beside peers, with one load tool, on one machine, in one run."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent  # where the programs that are started here find this package

BODY_VARIABLE = "ANSLUT_BENCH_BODY"  # names the file whose bytes the bare Flask application answers
