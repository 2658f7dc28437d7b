"""Faults: what can go wrong in a source, on purpose, repeatably."""
