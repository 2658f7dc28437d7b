"""Connectors that are wrong in exactly one way, made out of a good one: each proves that a check can fail.

The JSON file beside each module says which rules each must break. A mutant reads its source wrongly (a subclass of an
example connector) or stands between a good connector and its callers (`wrapping`).
"""
