"""What really happened to a made-up person: the truth that every source system renders in its own dialect."""

from anslut_simulators.truth.content import Content, content_kind, content_types
from anslut_simulators.truth.event import (
    Actor,
    Atom,
    Code,
    Event,
    Identity,
    Reason,
    State,
    Unit,
)

__all__ = [
    "Actor",
    "Atom",
    "Code",
    "Content",
    "Event",
    "Identity",
    "Reason",
    "State",
    "Unit",
    "content_kind",
    "content_types",
]
