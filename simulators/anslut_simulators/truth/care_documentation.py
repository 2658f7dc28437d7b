"""Notes: everything they say stands in their atoms."""

CONTENT = None
