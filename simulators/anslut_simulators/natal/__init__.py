"""Natal: a fake maternity and delivery record that speaks FHIR R4; README.md lists its oddities."""
