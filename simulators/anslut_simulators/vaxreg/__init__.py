"""Vaxreg: a fake vaccination register that speaks SOAP; README.md lists its oddities."""
