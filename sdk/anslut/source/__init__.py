"""Asking the source system: one client that keeps time, tries again where it may, and never half believes an answer."""

from anslut.source.client import SourceClient
from anslut.source.oauth import ClientCredentials
from anslut.source.reply import SourceReply

__all__ = ["ClientCredentials", "SourceClient", "SourceReply"]
