"""The smallest Flask application: any request is answered with the bytes of one file. What to compare with.

`ANSLUT_BENCH_BODY` names the file. It is served by the same server, with as many workers, as what it is
compared with.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response

from benchmarks import BODY_VARIABLE

app = Flask(__name__)
body = Path(os.environ[BODY_VARIABLE]).read_bytes()


@app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
@app.route("/<path:path>", methods=["GET", "POST"])
def answer(path: str) -> Response:
    """Answer with the same bytes whatever the *path*."""
    del path
    return Response(body, mimetype="application/json")
