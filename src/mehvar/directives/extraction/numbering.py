"""Read the numbers of sections, items and rows: I., 1., 1.1, a), -, ماده ۱, بند ۲, الف)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mehvar.kernel import text as texts

VIETNAMESE_LETTERS = "abcdđeghiklmnopqrstuvxy"
PERSIAN_LETTERS = ("الف", "ب", "پ", "ت", "ث", "ج", "چ", "ح", "خ", "د", "ذ", "ر", "ز", "ژ", "س", "ش")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_ROMAN_SHAPE = re.compile(r"(?=[ivxlc])(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})", re.IGNORECASE)
_CELL = re.compile(r"^[\s*_(\[]*(.*?)[\s*_.)\]:\-–،]*$", re.DOTALL)
_DECIMAL = re.compile(r"\d{1,4}(\.\d{1,3})*")
_ORDINALS = {
    "اول": 1, "یکم": 1, "نخست": 1, "دوم": 2, "سوم": 3, "چهارم": 4, "پنجم": 5, "ششم": 6, "هفتم": 7, "هشتم": 8, "نهم": 9, "دهم": 10,
    "یازدهم": 11, "دوازدهم": 12, "سیزدهم": 13, "چهاردهم": 14, "پانزدهم": 15, "nhất": 1, "hai": 2, "ba": 3, "tư": 4, "năm": 5,
}  # fmt: skip
_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_NOTE = "تبصره"
_WORDED = (
    (
        "part",
        rf"(?:phần(?:\s+thứ)?|part|بخش)\s+(?P<n>[ivxlc\d۰-۹]+\b|(?:{_ORDINAL})\b)",
    ),
    ("chapter", rf"(?:chương|chapter|فصل)\s+(?P<n>[ivxlc\d۰-۹]+\b|(?:{_ORDINAL})\b)"),
    ("section", r"(?:mục|section)\s+(?P<n>[ivxlc\d]+)"),
    ("article", r"(?:điều|article|ماده)\s*(?P<n>[\d۰-۹]+[a-z]?)"),
    ("note", r"(?:تبصره)\s*(?P<n>[\d۰-۹]*)"),
    ("clause", r"(?:khoản|بند|clause)\s*(?P<n>[\d۰-۹]+|الف|[بپتجچدهو])(?![\w])"),
    (
        "resolution",
        r"(?:مصوبه|resolution|nhiệm vụ|task)\s+(?:شماره\s+|số\s+|no\.?\s+)?(?P<n>[\d۰-۹]+)(?![/\d])",
    ),
)
_MARKERS = (
    *((kind, re.compile(rf"^(?P<all>{shape}\s*[.:)\-–—ـ]*)\s*", re.IGNORECASE)) for kind, shape in _WORDED),
    ("roman", re.compile(r"^(?P<all>(?P<n>[IVXLC]{1,6}|[IVX][ivx]{1,4})\s*[.):\-–—])\s+")),
    ("decimal", re.compile(r"^(?P<all>(?P<n>[\d۰-۹]{1,3}(?:\.[\d۰-۹]{1,3})*)\s*[.)\-–—ـ/:]+)(?![\d۰-۹])\s*")),
    ("dotted", re.compile(r"^(?P<all>(?P<n>[\d۰-۹]{1,3}(?:\.[\d۰-۹]{1,3})+)\.?)\s+(?=\S)")),
    ("letter", re.compile(r"^(?P<all>\(?(?P<n>[a-zđ])\s*[.)])\s+")),
    ("capital", re.compile(r"^(?P<all>(?P<n>[A-ZĐ])\s*[.)])\s+")),
    ("persian", re.compile(rf"^(?P<all>\(?(?P<n>{'|'.join(PERSIAN_LETTERS)})\s*[.)\-–—ـ])\s*")),
    ("persian_section", re.compile(r"^(?P<all>(?P<n>اولا|ثانیا|ثالثا)ً?\s*[:،])\s*")),
    ("dash", re.compile(r"^(?P<all>(?P<n>[-–—+•*▪●◦]))\s+(?=\S)")),
)
_RANKS = {
    "part": 0,
    "chapter": 1,
    "section": 2,
    "capital": 3,
    "roman": 4,
    "article": 5,
    "resolution": 5,
    "decimal": 6,
    "dotted": 6,
    "clause": 6,
    "note": 7,
    "letter": 8,
    "persian": 8,
    "persian_section": 8,
    "dash": 9,
}


@dataclass(frozen=True, slots=True)
class Marker:
    """Hold a number at the head of a line: kind, the number itself, how deep it ranks, characters it takes."""

    kind: str
    number: str
    rank: int
    length: int


def roman_value(text: str) -> int | None:
    """Give the value of a Roman number up to 99, or nothing."""
    if not text or not _ROMAN_SHAPE.fullmatch(text):
        return None
    values = [_ROMAN[letter] for letter in text.lower()]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)


def marker_of(line: str) -> Marker | None:
    """Read the number at the head of a line of prose."""
    for kind, pattern in _MARKERS:
        match = pattern.match(line)
        if match is None:
            continue
        number = texts.to_ascii_digits(match["n"])
        if kind == "roman" and roman_value(number) is None:
            continue
        number = _tidy(kind, number)
        return Marker("decimal" if kind == "dotted" else kind, number, _RANKS[kind], match.end())
    return None


def _tidy(kind: str, number: str) -> str:
    """Write ordinals in figures, Roman numbers in capitals, and call an unnumbered note by its word."""
    if kind == "note":
        return f"{_NOTE} {number}".strip()
    if kind == "roman" or (kind in {"part", "chapter", "section"} and roman_value(number) is not None):
        return number.upper()
    return str(_ORDINALS.get(number.casefold(), number))


def begins_line(line: str) -> bool:
    """Tell whether a line of a broken paragraph begins with a number of its own.

    A bare "Điều 5" or «بخش ۱۹» may also be a reference that the line break has put first, so it needs a mark after it.
    """
    marker = marker_of(line)
    if marker is None:
        return False
    is_worded = marker.kind in {name for name, _ in _WORDED}
    return not is_worded or line[: marker.length].rstrip()[-1:] in set(".:)-–—ـ")


@dataclass(frozen=True, slots=True)
class RowNumber:
    """Hold the number in a row's first cell: kind (roman, decimal, letter, capital, dash, text) and text."""

    kind: str
    text: str

    @property
    def value(self) -> int | None:
        """Give the last part of the number as an integer, where it has one."""
        if self.kind == "decimal":
            return int(self.text.rsplit(".", 1)[-1])
        if self.kind == "roman":
            return roman_value(self.text)
        if self.kind == "letter":
            return VIETNAMESE_LETTERS.find(self.text) + 1 or None
        return None

    @property
    def depth(self) -> int:
        """Give the number of dotted parts, 1 for anything else."""
        return self.text.count(".") + 1 if self.kind == "decimal" else 1

    @property
    def parent(self) -> str:
        """Give a dotted number without its last part."""
        return self.text.rsplit(".", 1)[0] if self.kind == "decimal" and "." in self.text else ""


def row_number(cell: str) -> RowNumber | None:  # noqa: PLR0911
    """Read a number cell; nothing when the cell is empty or holds no number."""
    match = _CELL.match(texts.to_ascii_digits(cell).strip())
    raw = match[1].strip() if match else ""
    if not raw:
        return RowNumber("dash", "-") if cell.strip() in {"-", "–", "+", "•", "*"} else None
    if _DECIMAL.fullmatch(raw):
        parts = raw.split(".")
        return RowNumber("decimal", ".".join(part.lstrip("0") or "0" for part in parts))
    if roman_value(raw) is not None and (raw.isupper() or len(raw) > 1):
        return RowNumber("roman", raw.upper())
    if len(raw) == 1 and raw.isalpha():
        return RowNumber("capital" if raw.isupper() else "letter", raw)
    if raw in PERSIAN_LETTERS:
        return RowNumber("letter", raw)
    if re.fullmatch(r"[IVXLC]+(\.\d{1,3})+", raw, re.IGNORECASE):
        return RowNumber("decimal", raw.split(".", 1)[1])
    return RowNumber("text", raw) if len(raw) <= 12 else None  # noqa: PLR2004
