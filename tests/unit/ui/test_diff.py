import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.ui.diff import Piece, word_diff

WORDS = st.lists(
    st.sampled_from(
        [
            "برنامه‌های",
            "جهش",
            "تولید،",
            "Bộ",
            "Thông",
            "tin",
            "và",
            "  ",
            "\n",
            "(a)",
            "12%",
            "đến",
            "«بند»",
            "it’s",
        ]
    ),
    max_size=25,
).map(" ".join)


def _old(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind != "added")


def _new(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind != "removed")


@given(WORDS | st.text(max_size=80), WORDS | st.text(max_size=80))
def test_pieces_give_back_both_texts(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    assert _old(pieces) == old
    assert _new(pieces) == new


@given(WORDS)
def test_equal_texts_have_no_change(text: str) -> None:
    assert all(piece.kind == "same" for piece in word_diff(text, text))


@given(WORDS, WORDS)
def test_neighbours_are_of_different_kinds(old: str, new: str) -> None:
    kinds = [piece.kind for piece in word_diff(old, new)]
    assert all(first != second for first, second in itertools.pairwise(kinds))


def test_a_persian_word_with_zwnj_changes_as_a_whole() -> None:
    assert word_diff("تهیه برنامه‌های سالانه", "تهیه برنامه‌ها سالانه") == (
        Piece("same", "تهیه "),
        Piece("removed", "برنامه‌های"),
        Piece("added", "برنامه‌ها"),
        Piece("same", " سالانه"),
    )


def test_a_changed_vietnamese_phrase_is_one_change() -> None:
    pieces = word_diff("hoàn thành trong quý II", "hoàn thành trước tháng 6")
    assert [piece.kind for piece in pieces] == ["same", "removed", "added"]


def test_punctuation_is_not_part_of_the_word() -> None:
    assert Piece("same", "two months") in word_diff("two months.", "two months, at most.")


@pytest.mark.timeout(10)
def test_a_long_text_is_compared_quickly() -> None:
    old = " ".join(f"word{i}" for i in range(6000))
    assert _new(word_diff(old, old.replace("word3000", "other"))).count("other") == 1
