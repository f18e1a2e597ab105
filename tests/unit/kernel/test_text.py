"""Folding of Persian, Vietnamese and English text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.kernel import text

LETTERS = (
    "abcđĐ ăâêôơưÀáảãạẾỆộờứỷỹỵ òa óa ủy thúy ịỗ كيی ى ة ۀ ه ٔ أإآؤئء ٱ ـ َ ُ ِ ّ ٠١٢۰۱۲0 \u200c\u200d\u200b\u00a0\u202f"
    ".,;:!?()[]«»“”،؛؟-–— \n\t\r\u0301\u0302\u0323\u031b\ufeff\u00adİıßǅﬁ"
)
our_text = st.text(st.one_of(st.sampled_from(LETTERS), st.characters()), max_size=40)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كتابي", "کتابی"),
        ("برنامه‌های", "برنامه های"),
        ("خانهٔ", "خانه"),
        ("خانۀ", "خانه"),
        ("دايرة", "دایره"),
        ("مسئول", "مسیول"),
        ("رأی", "رای"),
        ("آبان", "ابان"),
        ("اجزاء", "اجزا"),
        ("مُحَمَّد", "محمد"),
        ("وزارت", "وزارت"),
        ("سـلام", "سلام"),
        ("۱۲۳", "١٢٣"),
        ("۱۲۳", "123"),
        ("ﻣﺤﻮر", "محور"),
        ("Hoà Bình", "hòa bình"),
        ("Đà Nẵng", "da nang"),
        ("ỦY BAN", "uỷ ban"),
        ("E-Government", "e government"),
        ("«دولت»، الکترونیک", "دولت الکترونیک"),
        ("Sở TT&TT", "so tt tt"),
        ("  a\n b\t", "a b"),
    ],
)
def test_search_ignores_what_people_ignore(one: str, other: str) -> None:
    assert text.fold_for_search(one) == text.fold_for_search(other) != ""


@pytest.mark.parametrize(("one", "other"), [("محور", "محوز"), ("Hà Nội", "Hà Nam"), ("ماده 1", "ماده 2")])
def test_search_keeps_what_differs(one: str, other: str) -> None:
    assert text.fold_for_search(one) != text.fold_for_search(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hoà", "hòa"), ("hoá", "hóa"), ("uỷ", "ủy"), ("thuý", "thúy"), ("Khoẻ", "khỏe"), ("quý", "qúy"),
        ("TUỲ", "tùy"), ("LOÃ", "lõa"), ("hoạ", "họa"), ("xoè", "xòe"), ("luỹ", "lũy"), ("thuỵ", "thụy"),
        ("Bộ  Tài\u00a0chính", "bộ tài chính"),
        ("Đắk Lắk", "ĐẮK LẮK"),
        ("Bộ Y tế , Bộ Công an", "Bộ Y tế, Bộ Công an"),
        ("( VNPT )", "(vnpt)"),
        ("Bà Rịa – Vũng Tàu", "bà rịa - vũng tàu"),
        ("Hội đồng “A”", 'hội đồng "a"'),
        ("برنامه‌هاي", "برنامه های"),
        ("كميته‌ی ۱۲", "کمیته ی 12"),
    ],
)  # fmt: skip
def test_match_finds_two_writings_of_one_name(one: str, other: str) -> None:
    assert text.fold_for_match(one) == text.fold_for_match(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bộ", "Bố"),
        ("Sở", "So"),
        ("Hà Nam", "Hạ Nam"),
        ("đ", "d"),
        ("múa", "mua"),
        ("A/B", "A-B"),
        ("thùa", "thuà"),
    ],
)
def test_match_keeps_accents_and_punctuation(one: str, other: str) -> None:
    assert text.fold_for_match(one) != text.fold_for_match(other)


@given(our_text)
def test_composed_and_decomposed_writings_are_equal(written: str) -> None:
    for fold in (text.fold_for_search, text.fold_for_match):
        nfc, nfd = (fold(unicodedata.normalize(form, written)) for form in ("NFC", "NFD"))
        assert nfc == nfd


@given(our_text)
def test_folding_twice_changes_nothing(written: str) -> None:
    for fold in (text.fold_for_search, text.fold_for_match, text.display_form):
        once = fold(written)
        assert fold(once) == once


@given(our_text)
def test_equal_for_match_is_equal_for_search(written: str) -> None:
    assert text.fold_for_search(text.fold_for_match(written)) == text.fold_for_search(written)


@given(our_text)
def test_display_changes_nothing_that_search_sees(written: str) -> None:
    shown = text.display_form(written)
    assert text.fold_for_search(shown).replace(" ", "") == text.fold_for_search(written).replace(" ", "")


@given(st.text())
def test_search_form_has_single_spaces_and_no_capitals(written: str) -> None:
    folded = text.fold_for_search(written)
    assert "  " not in folded
    assert folded == folded.strip()
    assert folded == folded.casefold()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("  وزارت  ارتباطات ، كشور .", "وزارت ارتباطات، کشور."),
        ("( الف ) برنامه‌ها", "(الف) برنامه‌ها"),
        ("برنامه\u200c\u200c ها\u200c", "برنامه ها"),
        ("Bộ Tài chính , Bộ Y tế ;\r\n\r\n\r\n\r\n  Hà Nội", "Bộ Tài chính, Bộ Y tế;\n\nHà Nội"),
        ("tệp .docx", "tệp .docx"),
        ("سال ١٣٩٩", "سال ۱۳۹۹"),
        ("خانهٔ دايرة", "خانهٔ دایرة"),
        ("Ho\u0300a", "Hòa"),
        ("a\x00b\u00adc\ufeff", "abc"),
    ],
)
def test_display_tidies_and_loses_nothing(raw: str, shown: str) -> None:
    assert text.display_form(raw) == shown


@given(st.text(alphabet="0123456789۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩ab"))
def test_digits_there_and_back(written: str) -> None:
    assert text.to_ascii_digits(text.to_persian_digits(written)) == text.to_ascii_digits(written)
    assert text.to_persian_digits(text.to_ascii_digits(written)) == text.to_persian_digits(written)


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("وزارت ارتباطات و فناوری اطلاعات (ICT)", "fa"),
        ("Bộ Thông tin và Truyền thông", "vi"),
        ("Sở Y tế", "vi"),
        ("Ministry of Information and Communications", "en"),
        ("Report of Hà Nội's Department of Information and Communications", "en"),
        ("2025-01-03 ...", None),
        ("", None),
    ],
)
def test_language_is_told_by_letters(written: str, language: str) -> None:
    assert text.guess_language(written) == language
