"""The control plane: one page and one JSON API for every simulated system of a region."""
