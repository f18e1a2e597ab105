"""The calendar keeps to RFC 5545: line lengths in bytes, escapes, lasting identities, whole days."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from mehvar.home.data import Deadline
from mehvar.home.rules import icalendar

NOW = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
ONE = Deadline(
    "plan:/x/", "ارائه برنامه", "برنامه، عملیاتی; شمال\nدوم", "https://mehvar.example/x/", date(2026, 6, 4)
)


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_no_line_is_longer_than_75_bytes_and_nothing_is_lost(text: str) -> None:
    folded = icalendar.folded(text)
    assert all(len(line.encode()) <= icalendar.LONGEST_LINE for line in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == text


@given(st.text(max_size=80))
def test_escaping_can_be_undone(text: str) -> None:
    escaped = icalendar.escaped(text)
    assert "\n" not in escaped
    assert "\r" not in escaped
    undone = (
        escaped.replace("\\\\", "\0")
        .replace("\\n", "\n")
        .replace("\\;", ";")
        .replace("\\,", ",")
        .replace("\0", "\\")
    )
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    assert undone == "".join(
        letter for letter in kept if letter == "\n" or (letter >= " " and letter != "\x7f")
    )


def test_an_event_is_a_whole_day_with_the_day_in_words() -> None:
    lines = unfolded(
        icalendar.calendar_of(
            [ONE], name="محور", host="mehvar.example", now=NOW, said={ONE.day: "مهلت: ۱۴ خرداد"}
        )
    )
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "DTSTART;VALUE=DATE:20260604" in lines
    assert "DTEND;VALUE=DATE:20260605" in lines
    assert "DTSTAMP:20260504T060000Z" in lines
    assert "SUMMARY:ارائه برنامه: برنامه، عملیاتی\\; شمال\\nدوم" in lines
    assert any(line.startswith("DESCRIPTION:") and "مهلت: ۱۴ خرداد" in line for line in lines)


def test_an_event_that_moves_stays_the_same_event() -> None:
    moved = Deadline(ONE.key, ONE.act, ONE.title, ONE.url, date(2026, 7, 1))
    identities = [
        next(
            line
            for line in unfolded(icalendar.calendar_of([one], name="x", host="h", now=NOW))
            if line.startswith("UID")
        )
        for one in (ONE, moved)
    ]
    assert identities[0] == identities[1]
