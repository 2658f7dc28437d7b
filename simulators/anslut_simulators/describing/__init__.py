"""What the fake country looks like in figures, beside the published ones that it should resemble.

`topics/` has a module for each subject; `measuring.py` counts over a sample, in many processes; `terminal.py` and
`page.py` show what was found. A new topic is a new module in `topics/` that sets `TOPIC`.
"""
