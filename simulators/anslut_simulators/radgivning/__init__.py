"""Rådgivningsstödet: a fake system for advice on the phone, as 1177 has; README.md lists its oddities."""
