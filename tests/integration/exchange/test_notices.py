"""What the exchange tells people reads as its reader writes: days in their calendar, words in their language."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from mehvar.accounts import queries as accounts
from mehvar.accounts.models import Notification
from mehvar.exchange.actions import credentials, requests
from mehvar.exchange.models import SigningKey
from mehvar.kernel import clock
from tests.factories.exchange import Federation, federation, file_in, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Federation:
    file_in(tmp_path, monkeypatch)
    return federation()


def told(language: str, key: str) -> str:
    row = Notification.objects.filter(kind="exchange", key__contains=key).order_by("pk").first()
    assert row is not None
    with translation.override(language):
        return accounts.said(row)


def test_days_in_notices_are_those_of_the_readers_calendar(made: Federation) -> None:
    with clock.fixed(datetime(2026, 5, 4, 9, tzinfo=UTC)):
        row = submitted(made)
    assert row.due_on == date(2026, 5, 18)
    with clock.fixed(datetime(2026, 5, 15, 9, tzinfo=UTC)):
        assert requests.remind_answers() > 0
    for key in (row.public_id, ":due:"):
        assert "۲۸ اردیبهشت ۱۴۰۵" in told("fa", key)
        assert "18 tháng 5 năm 2026" in told("vi", key)
        assert "18 May 2026" in told("en", key)


def test_a_key_runs_out_on_the_day_of_the_ministrys_zone(made: Federation, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tehran"
    ends = datetime(2026, 5, 10, 21, 30, tzinfo=UTC)
    SigningKey.objects.create(
        public_id="key", subsystem=made.clinic, label="key 1", algorithm="ed25519", public_key="-", sha256="0" * 64,
        valid_from=ends - timedelta(days=90), valid_until=ends, created_at=ends - timedelta(days=90),
    )  # fmt: skip
    with clock.fixed(ends - timedelta(days=3)):
        assert credentials.remind_expiries() > 0
    assert "۲۱ اردیبهشت ۱۴۰۵" in told("fa", "credential:key")
