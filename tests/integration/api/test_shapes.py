"""What the HTTP API says of a directive is the canonical content, member by member."""

from typing import Any

import pytest
from typing_extensions import is_typeddict

from mehvar.config.api.root import api
from mehvar.directives.rules import content

CONTENTS: dict[str, Any] = {name: one for name, one in vars(content).items() if is_typeddict(one)}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return dict(api.get_openapi_schema()["components"]["schemas"])


@pytest.mark.parametrize("name", sorted(CONTENTS))
def test_a_shape_has_the_members_of_the_content(described: dict[str, Any], name: str) -> None:
    members = set(CONTENTS[name].__annotations__)
    assert members == set(described[name]["properties"]) == set(described[name]["required"])


def test_days_and_codes_are_described(described: dict[str, Any]) -> None:
    assert described["DueContent"]["properties"]["end"]["anyOf"][0]["format"] == "date"
    assert described["BodyContent"]["properties"]["code"]["examples"] == ["ir.mict"]
