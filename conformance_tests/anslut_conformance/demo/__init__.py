"""The demo: a connector written with care and one written in a hurry, judged side by side."""
