"""The national side of the made-up country: who asks the connectors, as the real platform does."""
