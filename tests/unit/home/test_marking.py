"""What was found is marked in the text as people wrote it, whatever they searched with."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.home.rules import marking


def shown(text: str, query: str) -> str:
    pieces = marking.marked(text, marking.words_of(query))
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("Chuyển đổi số quốc gia", "chuyen doi", "[Chuyển] [đổi] số quốc gia"),
        ("مدیریت كارخانه‌های هوشمند", "کارخانه های", "مدیریت [كارخانه]‌[های] هوشمند"),
        ("بند ۱۲ دستور", "12", "بند [۱۲] دستور"),
        ("Nothing here", "water", "Nothing here"),
        ("hoà hòa", "hòa", "[hoà] [hòa]"),
        ("مسؤول اصلي", "مسوول اصلی", "[مسؤول] [اصلي]"),
    ],
)
def test_marks_what_people_mean(text: str, query: str, expected: str) -> None:
    assert shown(text, query) == expected


def test_marks_accents_that_are_signs_of_their_own() -> None:
    text = unicodedata.normalize("NFD", "Bộ Khoa học")
    assert (
        shown(text, "bo")
        == f"[{unicodedata.normalize('NFD', 'Bộ')}] {unicodedata.normalize('NFD', 'Khoa học')}"
    )


@given(st.text(max_size=60), st.text(max_size=12))
def test_the_pieces_are_the_text(text: str, query: str) -> None:
    pieces = marking.marked(text, marking.words_of(query))
    assert "".join(piece.text for piece in pieces) == text


def test_a_long_text_is_cut_around_what_was_found() -> None:
    text = f"{'many words before it ' * 40}the kernel of it{' and after it' * 60}"
    found = marking.excerpt(text, ("kernel",))
    assert "the kernel of it" in found
    assert found.startswith("… ")
    assert found.endswith(" …")
    assert len(found) < 4 * marking.AROUND
