"""What the HTTP API says of a directive is the canonical content, member by member."""

from typing import Any, is_typeddict

import pytest
from ninja import Schema

from mehvar.directives.api import shapes
from mehvar.directives.rules import content

SHAPE_OF: dict[str, type[Schema]] = {
    "BodyContent": shapes.Body,
    "DueContent": shapes.Due,
    "AssignmentsContent": shapes.Acts,
    "AlignmentContent": shapes.Alignment,
    "DirectiveContent": shapes.Content,
}
CONTENTS: dict[str, Any] = {name: one for name, one in vars(content).items() if is_typeddict(one)}


@pytest.mark.parametrize("name", sorted(CONTENTS))
def test_a_shape_has_the_members_of_the_content(name: str) -> None:
    shape: Any = SHAPE_OF.get(name) or getattr(shapes, name)
    members = {field.alias or key for key, field in shape.model_fields.items()}
    assert members == set(CONTENTS[name].__annotations__)
