"""Who gets an e-mail when, and which failures are told."""

from datetime import UTC, datetime, timedelta

import pytest

from mehvar.accounts import rules

NOW = datetime(2025, 5, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("choice", "hours_since", "due"),
    [
        ("each", None, True),
        ("each", 0, True),
        ("daily", None, True),
        ("daily", 19, False),
        ("daily", 20, True),
        ("none", None, False),
    ],
)
def test_an_email_is_due_as_the_person_chose(choice: str, hours_since: int | None, *, due: bool) -> None:
    last = None if hours_since is None else NOW - timedelta(hours=hours_since)
    assert rules.mail_is_due(choice, now=NOW, last_sent_at=last) is due


def test_a_flood_of_failures_does_not_flood_the_record() -> None:
    assert [number for number in range(12) if rules.failures_are_told(number)] == [5, 10]
