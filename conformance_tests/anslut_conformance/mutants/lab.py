"""LAB: connectors that misread what the laboratory said."""

from __future__ import annotations

from typing import Any

from anslut_conformance.mutants.wrapping import analyses, on_entry, results

LABORATORY = "laboratory-results"


def _no_comma(entry: dict[str, Any]) -> None:
    for result in results(entry):
        quantity = result["value"].get("pq")
        if quantity is not None:
            quantity["value"] = quantity["value"].replace(".", "").lstrip("0") or "0"


#: Drops the decimal comma.
comma_dropped = on_entry(_no_comma, LABORATORY)


def _signed_is_read(entry: dict[str, Any]) -> None:
    signature = entry["header"].get("signature")
    if signature is not None:
        entry["body"]["recipientSignature"] = {"timestamp": signature["time"]}


#: Takes the laboratory's signature for the recipient's.
signed_is_read = on_entry(_signed_is_read, LABORATORY)


def _final(entry: dict[str, Any]) -> None:
    entry["body"]["type"].update(code="final", displayName="Slutsvar")


#: Calls every answer final.
always_final = on_entry(_final, LABORATORY)


def _zero(entry: dict[str, Any]) -> None:
    for result in results(entry):
        interval = result.get("reference", {}).get("interval")
        if interval is not None:
            interval.setdefault("low", "0")


#: Makes below 5 from 0 to 5.
open_end_is_zero = on_entry(_zero, LABORATORY)


def _local(entry: dict[str, Any]) -> None:
    for analysis in analyses(entry):
        text = analysis["code"].pop("originalText", None)
        if text is not None:
            analysis["code"] = {"code": text[:20], "codeSystem": "1.2.752.108.1", "displayName": text}


#: Puts a local name under the OID of NPU.
local_name_as_npu = on_entry(_local, LABORATORY)
