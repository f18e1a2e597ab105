"""Agenda and minutes as PDF hold what the session holds, in each language."""

import unicodedata
from datetime import date

import pypdfium2
import pytest

from mehvar.directives.actions import agenda, council, resolutions
from mehvar.directives.actions.council import Presence
from mehvar.directives.models import CouncilSession, LegalDuty
from mehvar.directives.queries import council as queries
from mehvar.directives.views import council_papers
from mehvar.kernel import clock
from mehvar.kernel.calendars import parse_date
from mehvar.kernel.text import fold_for_search
from tests.factories.deliberation import DAY, NOON, Deliberation, deliberating_ministry

pytestmark = pytest.mark.django_db

MATTERS = {
    "en": "Roll-out of the address register",
    "vi": "Triển khai cơ sở dữ liệu địa chỉ số",
    "fa": "استقرار پایگاه نشانی مکان‌محور",
}
DUTIES = {
    "en": "Report the state of broadband",
    "vi": "Báo cáo tình hình băng rộng",
    "fa": "گزارش وضعیت پهن‌باند",
}
RESOLUTIONS = {
    "en": "Every province files its plan",
    "vi": "Mỗi tỉnh nộp kế hoạch của mình",
    "fa": "هر استان برنامه خود را ارائه می‌کند",
}


def held_session(team: Deliberation, language: str) -> CouncilSession:
    LegalDuty.objects.create(
        source="Act 7", article="3", text=DUTIES[language], owner=team.offices[0], due_on=date(2026, 6, 1)
    )
    session = council.plan_session(
        team.officer, team.council.pk, held_on=DAY, language=language, place="Hall 2"
    )
    agenda.build_agenda(team.officer, session.pk)
    item = agenda.add_matter(team.officer, session.pk, MATTERS[language])
    council.begin_session(team.officer, session.pk)
    seats = list(queries.attendance_of(session))
    council.mark_attendance(team.officer, session.pk, {seat.pk: Presence(present=True) for seat in seats[:4]})
    council.conclude_item(team.officer, item.pk, discussion=MATTERS[language], conclusion=MATTERS[language])
    resolutions.adopt_resolution(
        team.officer,
        session.pk,
        text=RESOLUTIONS[language],
        owner_id=team.offices[1].pk,
        due=parse_date("2026-09-22"),
        item_id=item.pk,
    )
    return council.close_session(team.officer, session.pk)


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return unicodedata.normalize(
        "NFKC", "\n".join(page.get_textpage().get_text_bounded() for page in document)
    )


def words_of(text: str) -> set[str]:
    """Fold the words; a reader of Persian PDFs may give a run's letters in either order."""
    words = fold_for_search(text.replace("\u200c", "")).split()
    return {*words, *(word[::-1] for word in words)}


@pytest.mark.parametrize("language", ["en", "vi", "fa"])
def test_papers_hold_the_agenda_and_what_was_resolved(language: str) -> None:
    with clock.fixed(NOON):
        team = deliberating_ministry()
        session = held_session(team, language)
        agenda_text = text_of(council_papers.agenda_pdf(session, language=language))
        minutes_text = text_of(council_papers.minutes_pdf(session, language=language))
    for wanted in (MATTERS[language], DUTIES[language]):
        missing = set(fold_for_search(wanted.replace("\u200c", "")).split()) - words_of(agenda_text)
        assert not missing, (wanted, agenda_text)
    missing = set(fold_for_search(RESOLUTIONS[language].replace("\u200c", "")).split()) - words_of(
        minutes_text
    )
    assert not missing, minutes_text
    digits = sorted(session.content_hash)  # a reader may give a left-to-right run in pieces on a Persian page
    assert any(sorted(line.strip()) == digits for line in minutes_text.splitlines())


def test_persian_papers_use_persian_digits_and_the_jalali_calendar() -> None:
    with clock.fixed(NOON):
        session = held_session(deliberating_ministry(), "fa")
        data = council_papers.minutes_data(session, language="fa")
    assert "۱۴ اردیبهشت ۱۴۰۵" in str(data["facts"])
    assert data["resolutions"][0][3] == "۱۴۰۵/۰۶/۳۱"


def test_an_open_session_gives_a_draft_without_fingerprint() -> None:
    with clock.fixed(NOON):
        team = deliberating_ministry()
        session = council.plan_session(team.officer, team.council.pk, held_on=DAY, language="en")
        data = council_papers.minutes_data(session, language="en")
    assert data["fingerprint"] is None
    assert data["note"] == "Draft, not yet closed"


def test_what_people_wrote_is_never_read_as_markup() -> None:
    with clock.fixed(NOON):
        team = deliberating_ministry()
        session = council.plan_session(team.officer, team.council.pk, held_on=DAY, language="en")
        agenda.add_matter(team.officer, session.pk, '#panic("no") *bold* $x$ @ref <label>')
        text = text_of(council_papers.agenda_pdf(session, language="en"))
    assert '#panic("no")' in text
