"""The examiner: judges any connector, in any language, against every rule of the catalogue.

Start it with `anslut certify`; everything else here serves that command.
"""

from anslut_conformance.errors import ConfigurationError, ExaminerError, Finding

__all__ = ["ConfigurationError", "ExaminerError", "Finding"]
