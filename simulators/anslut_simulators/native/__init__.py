"""What each source system answers over its own door, for whoever wants to look: one module for each program.

A module `<program>.py` has two functions: `person(door, identity)` yields every answer about one person, and
`rest(door)` yields what is about nobody in particular: code lists, units, the change feed. They know the system's
protocol and nothing of its insides.
"""
