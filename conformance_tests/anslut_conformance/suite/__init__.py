"""The checks, one module per chapter of the rule catalogue; they see a connector only from outside."""
