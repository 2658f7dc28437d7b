"""Entries and queries between this contract's JSON and RIV-TA's XML, as the tables in rivta/v1 say.

Form only: elements are written and read in the order, spelling and namespaces of each contract's newest
version. What a table cannot carry is listed in it (`losses`) or refused with `CodecError`, never dropped.
"""

from anslut_contracts.errors import CodecError
from anslut_contracts.rivta.reading import from_elements, query_from_elements
from anslut_contracts.rivta.tables import MappingTable, Row, mapping_table
from anslut_contracts.rivta.writing import query_to_elements, to_elements

__all__ = [
    "CodecError",
    "MappingTable",
    "Row",
    "from_elements",
    "mapping_table",
    "query_from_elements",
    "query_to_elements",
    "to_elements",
]
