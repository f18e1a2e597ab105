"""What a notice says is said in its reader's own language and digits."""

import pytest
from django.utils import translation

from mehvar.accounts import queries
from mehvar.accounts.models import Notification

NAMES = {"body": "Yazd Office", "body_fa": "اداره یزد", "body_vi": "Sở Yazd"}


@pytest.mark.parametrize(
    ("language", "body", "number"),
    [("fa", "اداره یزد", "۳/۲"), ("vi", "Sở Yazd", "3/2"), ("en", "Yazd Office", "3/2")],
)
def test_names_and_numbers_are_those_of_the_reader(language: str, body: str, number: str) -> None:
    row = Notification(message_id="{body}: {number}", params={**NAMES, "number": "3/2"})
    with translation.override(language):
        assert queries.said(row) == f"{body}: {number}"


def test_a_body_without_a_name_in_the_language_keeps_the_one_that_it_has() -> None:
    row = Notification(message_id="{body}", params={"body": "Yazd Office"})
    with translation.override("vi"):
        assert queries.said(row) == "Yazd Office"
