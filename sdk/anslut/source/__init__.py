"""Asking the source system: a client that keeps time, asks again, and never believes half an answer."""

from anslut.source.client import SourceClient
from anslut.source.oauth import ClientCredentials
from anslut.source.reply import SourceReply

__all__ = ["ClientCredentials", "SourceClient", "SourceReply"]
