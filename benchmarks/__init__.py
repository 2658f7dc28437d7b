"""Side-by-side measurements: our servers beside peers, with one load tool, on one machine, in one run."""

BODY_VARIABLE = "ANSLUT_BENCH_BODY"  # names the file whose bytes the bare Flask application answers
