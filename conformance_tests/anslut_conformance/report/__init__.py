"""One run, told four ways: HTML for people, JSON for programs, JUnit for a build server, CSV for a spreadsheet."""

from anslut_conformance.report.document import build
from anslut_conformance.report.writing import Written, write

__all__ = ["Written", "build", "write"]
