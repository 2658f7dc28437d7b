"""The promise: schemas, rules, code lists, mapping tables and region profiles, with loaders for Python.

Everything here is form, not decision: what an entry looks like, never which entries somebody may see.
The files are readable without Python; README.md beside this package says how they fit together.
"""

from anslut_contracts.clock import STOCKHOLM, Clock, FrozenClock, SystemClock
from anslut_contracts.code_lists import CodeList, code_list, code_list_names
from anslut_contracts.errors import ContractError
from anslut_contracts.identity import PersonId
from anslut_contracts.profile import RegionProfile, load_profile, profile_names
from anslut_contracts.rule_catalogue import Chapter, Rule, chapters, rules
from anslut_contracts.schema_files import schema, schema_names
from anslut_contracts.types import InformationType, information_types, values_at

__all__ = [
    "STOCKHOLM",
    "Chapter",
    "Clock",
    "CodeList",
    "ContractError",
    "FrozenClock",
    "InformationType",
    "PersonId",
    "RegionProfile",
    "Rule",
    "SystemClock",
    "chapters",
    "code_list",
    "code_list_names",
    "information_types",
    "load_profile",
    "profile_names",
    "rules",
    "schema",
    "schema_names",
    "values_at",
]
