"""The control plane's start page: what runs here and what to try first, Swedish before English."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from anslut_simulators.faults.preset import presets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anslut_simulators.calls import System
    from anslut_simulators.country import Region


def start_page(region: Region, scenarios: Sequence[str], host: str, systems: Mapping[str, System]) -> str:
    """Return the page as HTML without scripts."""
    shown = list(dict.fromkeys(["demo", *scenarios]))[:200]
    rows = "".join(_row(name, host, systems) for name in shown)
    return f"""<!DOCTYPE html>
<html lang="sv"><head><meta charset="utf-8"><title>Anslut: {escape(region.sv)}</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>body{{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
code{{background:#eee;padding:0 .2rem}}
td,th{{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0}}</style></head>
<body><main><h1>{escape(region.sv)}: simulerade system</h1>
<p>Allt här är påhittat. Varje scenario är en egen värld med egen klocka; namnet väljer du själv.<br>
<span lang="en">Everything here is made up. Each scenario is a world of its own with its own clock;
you choose its name.</span></p>
<table><thead><tr><th>Scenario</th><th>System</th>
<th>Styrning <span lang="en">(control)</span></th></tr></thead>
<tbody>{rows}</tbody></table>
<p>Störningar att begära <span lang="en">(faults to ask for)</span>:
<a href="/_sim/faults">/_sim/faults</a></p>
<h2>Dåliga dagar <span lang="en">(presets)</span></h2>
<p><code>POST /_sim/s/&lt;scenario&gt;/faults {{"preset": "…", "system": "…"}}</code></p>
<dl>{_presets()}</dl>
</main></body></html>"""


def _row(name: str, host: str, systems: Mapping[str, System]) -> str:
    links = "".join(
        f'<li><a href="/_sim/s/{escape(name)}/{what}">{what}</a></li>'
        for what in ("clock", "personas", "faults", "journal", "index")
    )
    addresses = "".join(
        f"<li>{escape(system)}: <code>{escape(host)}/s/{escape(name)}/{escape(system)}</code></li>"
        for system in systems
    )
    return f"<tr><td>{escape(name)}</td><td><ul>{addresses}</ul></td><td><ul>{links}</ul></td></tr>"


def _presets() -> str:
    return "".join(
        f"<dt><code>{escape(preset.preset)}</code></dt><dd>{escape(preset.sv)}<br>"
        f'<span lang="en">{escape(preset.en)}</span></dd>'
        for preset in presets().values()
    )
