"""Kosmos: a fake record system in the manner of the big Swedish ones; README.md lists its oddities."""
