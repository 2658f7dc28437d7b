"""The abstract connectors, one module for each kind of source system; what each kind owes is in kinds.json."""
