"""Connectors that are wrong in exactly one way, made out of the good one: each proves that a check can fail.

`mutants.json` says which rules each must break. A mutant reads Kosmos wrongly (a subclass of the example
connector) or stands between a good connector and its callers (`wrapping`).
"""
