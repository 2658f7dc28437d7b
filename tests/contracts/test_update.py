"""Update of the engagement index: JSON and RIV-TA say the same, and the real schema agrees about both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anslut_contracts
import pytest
from anslut_contracts import information_types, validation
from anslut_contracts.errors import CodecError
from anslut_contracts.rivta.update import (
    UpdateResult,
    read_result,
    read_update,
    soap_action,
    update_errors,
    write_result,
)
from anslut_contracts.safe_xml import parse
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from sample_update import RESPONDER, TABLE, engagement, judge, update, written

EXAMPLES = Path(anslut_contracts.__file__).parent / "examples" / "v1" / "engagements"


UPDATES = st.lists(
    st.builds(
        lambda flag, time, kind, controller: {
            "deleteFlag": flag,
            "engagement": {
                key: value
                for key, value in engagement(
                    serviceDomain=kind.service_domain,
                    categorization=kind.index_category,
                    mostRecentContent=None if flag else time,
                    dataController=controller,
                ).items()
                if value is not None
            },
        },
        st.booleans(),
        st.datetimes().filter(lambda moment: moment.year >= 1000).map(lambda m: f"{m:%Y%m%d%H%M%S}"),
        st.sampled_from(sorted(information_types().values(), key=lambda one: one.name)),
        st.from_regex(r"[!-~åäö\U0001F600]([ -~åäö]{0,60}[!-~])?", fullmatch=True),
    ),
    min_size=1,
    max_size=4,
).map(lambda rows: {"transactions": rows})


@given(document=UPDATES)
@settings(max_examples=60)
def test_an_update_comes_back_from_xml_as_it_was(document: dict[str, Any]) -> None:
    """What the index is told does not depend on the form it is told in."""
    assert read_update(parse(written(document))) == document


@given(document=UPDATES)
@settings(max_examples=60)
def test_the_real_schema_accepts_what_is_written(document: dict[str, Any], national_schemas: Path) -> None:
    """Order, spelling and namespaces are the national ones."""
    made = etree.fromstring(written(document))

    assert judge(national_schemas).validate(made), judge(national_schemas).error_log


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("valid/*.json")), ids=lambda path: path.stem)
def test_every_example_can_be_told_in_rivta(path: Path, national_schemas: Path) -> None:
    """The examples are what adopters copy."""
    document = json.loads(path.read_text("utf-8"))

    assert read_update(parse(written(document))) == document
    assert judge(national_schemas).validate(etree.fromstring(written(document)))


def test_the_table_knows_every_field_of_the_json_and_the_schemas_own_three() -> None:
    """A field that only one of the forms has would be lost on the way; these three are the index's to set."""
    fields = set(anslut_contracts.schema("engagements")["$defs"]["engagement"]["properties"])

    assert {row["element"] for row in TABLE["engagement"]} - fields == {"creationTime", "updateTime", "owner"}
    assert fields <= {row["element"] for row in TABLE["engagement"]}
    assert soap_action() == f"{RESPONDER}:Update"


def test_the_table_follows_its_schema() -> None:
    """Connectors in other languages read it too."""
    assert validation.errors("update-table", TABLE) == []
    assert sorted(update_errors()) == [f"EI00{number}" for number in range(7)]


@pytest.mark.parametrize("name", ["creationTime", "updateTime", "owner"])
def test_what_only_the_index_may_set_is_read_and_then_refused(name: str) -> None:
    """The schema of Update has these fields; a connector that sends them is told so, not silently corrected."""
    text = "SE2321000999-I001" if name == "owner" else "20230701090005"
    document = update(**{name: text})

    assert read_update(parse(written(document))) == document
    (error,) = validation.errors("engagements", document)
    assert error.rule == "additionalProperties"


@pytest.mark.parametrize(
    "wrong",
    [
        {"hemligt": "x"},
        {"sourceSystem": None},
        {"sourceSystem": ""},
        {"sourceSystem": 7},
        {"dataController": "a\x00b"},
        {"dataController": "a\ud800b"},
        {"dataController": "a\uffffb"},
        {"registeredResidentIdentification": "19900102-2384"},
        {"mostRecentContent": "2023-07-01"},
    ],
)
def test_what_xml_or_the_schema_cannot_hold_is_not_written(wrong: dict[str, Any]) -> None:
    """Dropping or bending a value silently is how information goes missing."""
    with pytest.raises(CodecError) as caught:
        written(update(**wrong))
    assert "1990" not in str(caught.value)
    assert "hemligt" not in str(caught.value)


def test_a_flag_that_is_no_flag_is_not_written() -> None:
    """The text "false" is true in many languages."""
    document = update()
    document["transactions"][0]["deleteFlag"] = "false"

    with pytest.raises(CodecError, match="deleteFlag"):
        written(document)


def test_markup_in_a_value_is_text() -> None:
    """A local id can hold anything."""
    document = update(dataController="</e:dataController><x>&amp;]]>")

    assert read_update(parse(written(document))) == document


@pytest.mark.parametrize("code", ["OK", "INFO", "ERROR"])
@pytest.mark.parametrize("comment", [None, "EI002: två & samma <engagemang>"])
def test_an_answer_comes_back_as_it_was(code: Any, comment: str | None) -> None:
    """OK and INFO are acknowledgements; a comment is for people."""
    result = UpdateResult(code=code, comment=comment)

    assert read_result(parse(write_result(result).encode())) == result


@pytest.mark.parametrize("comment", [None, "EI002: två & samma <engagemang>"])
def test_the_real_schema_accepts_an_answer(comment: str | None, national_schemas: Path) -> None:
    """Other people's connectors read it."""
    made = etree.fromstring(write_result(UpdateResult(code="ERROR", comment=comment)))

    assert judge(national_schemas).validate(made), judge(national_schemas).error_log


NO_ANSWERS = [
    f'<UpdateResponse xmlns="{RESPONDER}"/>',
    f'<UpdateResponse xmlns="{RESPONDER}"><comment>OK</comment></UpdateResponse>',
    f'<UpdateResponse xmlns="{RESPONDER}"><ResultCode>ok</ResultCode></UpdateResponse>',
    f'<UpdateResponse xmlns="{RESPONDER}"><ResultCode> OK</ResultCode></UpdateResponse>',
    f'<UpdateResponse xmlns="{RESPONDER}">{"<ResultCode>OK</ResultCode>" * 2}</UpdateResponse>',
    f'<UpdateResponse xmlns="{RESPONDER}"><ResultCode><x>OK</x></ResultCode></UpdateResponse>',
    "<UpdateResponse><ResultCode>OK</ResultCode></UpdateResponse>",
    f'<ProcessNotificationResponse xmlns="{RESPONDER}"><ResultCode>OK</ResultCode></ProcessNotificationResponse>',
]


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_an_answer_that_is_none_is_no_acknowledgement(answer: str) -> None:
    """Whoever moved their position because of it would lose what the index never kept."""
    with pytest.raises(CodecError):
        read_result(parse(answer.encode()))


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_the_real_schema_knows_no_such_answer(answer: str, national_schemas: Path) -> None:
    """What we do not understand is nothing that an index may say."""
    assert not judge(national_schemas).validate(etree.fromstring(answer))


def test_an_answer_may_have_extensions_and_an_empty_comment() -> None:
    """An empty comment says nothing."""
    answer = (
        f'<UpdateResponse xmlns="{RESPONDER}"><ResultCode>OK</ResultCode><comment/>'
        '<x xmlns="urn:other">1</x></UpdateResponse>'
    )

    assert read_result(parse(answer.encode())) == UpdateResult(code="OK")
