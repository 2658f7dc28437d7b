"""Entries and queries between this contract's JSON and RIV-TA's XML, as the tables in rivta/v1 say.

Form only: elements are written and read in the order, spelling and namespaces of each contract's version.
What a table cannot carry is listed in it (`losses`) or refused with `CodecError`, never dropped.
"""

from anslut_contracts.errors import CodecError
from anslut_contracts.rivta.losses import reduced
from anslut_contracts.rivta.reading import from_elements, query_from_elements, read_entry, read_request
from anslut_contracts.rivta.responses import More, Response, Result, read_response, write_response
from anslut_contracts.rivta.table_files import mapping_table, mapping_tables, table_of
from anslut_contracts.rivta.tables import MappingTable, ResponseShape, Row
from anslut_contracts.rivta.writing import (
    has_room,
    query_to_elements,
    to_elements,
    write_entry,
    write_request,
)

__all__ = [
    "CodecError",
    "MappingTable",
    "More",
    "Response",
    "ResponseShape",
    "Result",
    "Row",
    "from_elements",
    "has_room",
    "mapping_table",
    "mapping_tables",
    "query_from_elements",
    "query_to_elements",
    "read_entry",
    "read_request",
    "read_response",
    "reduced",
    "table_of",
    "to_elements",
    "write_entry",
    "write_request",
    "write_response",
]
