"""The HTTP door: a connector as a WSGI application."""

from anslut.door.app import create_app
from anslut.door.security import Security

__all__ = ["Security", "create_app"]
