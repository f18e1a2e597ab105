"""Give the text of a PDF page by place, in reading order.

Left-to-right pages go through pdfium. On right-to-left pages pdfium turns ligatures round (لا becomes ال), so their
lines are built from the glyphs of pdfplumber: glyphs from right to left, numbers and Latin words turned back.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Protocol

from mehvar.kernel import text as texts

Box = tuple[float, float, float, float]
Line = tuple[Box, str]

_ARABIC = re.compile(r"[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff]")
_CONTROL = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\x02]")
_INSET = 0.8
_BLANKS = re.compile(r"[ \t\u00a0]+")


_FORWARD = re.compile(r"[0-9A-Za-z۰-۹٠-٩]+(?:[./:,_@%٫٬+\-][0-9A-Za-z۰-۹٠-٩]+)*%?")
_MIRRORED = str.maketrans("()[]{}«»<>", ")(][}{»«><")
_HEH_PLURAL = re.compile(r"ه(?=ها(?:یی?|یش|یشان)?\b)")
"""The one place where a lost zero-width non-joiner can be restored for certain: fonts map one glyph to one text, so
the joiners that a PDF gives stand in wrong places and are dropped."""
_SPACE_SHARE = 0.18
_LINE_SHARE = 0.5


class TextOfPage(Protocol):
    """Describe what gives a page's text by place."""

    is_right_to_left: bool

    def lines(self, top: float, bottom: float) -> list[Line]:
        """List the lines whose middle lies between two heights."""

    def lines_in(self, box: Box) -> list[str]:
        """List the lines inside a cell's box."""


class PageText:
    """Hold one page's text layer; boxes are (left, top, right, bottom) in points from the upper left."""

    def __init__(self, page: Any) -> None:
        """Open the page's text."""
        self._page = page
        self._text = page.get_textpage()
        self.width, self.height = (float(value) for value in page.get_size())
        self.letters = self._text.count_chars()
        sample = self._text.get_text_range(0, min(self.letters, 3000)) if self.letters else ""
        arabic = len(_ARABIC.findall(sample))
        self.is_right_to_left = arabic > sum(letter.isalpha() for letter in sample) / 2
        self._rects: list[Line] | None = None

    def close(self) -> None:
        """Give the page's memory back."""
        self._text.close()
        self._page.close()

    def _all_lines(self) -> list[Line]:
        """List the page's lines from top to bottom, each with its box."""
        if self._rects is None:
            boxes = [self._text.get_rect(index) for index in range(self._text.count_rects())]
            tops: list[list[Box]] = []
            upright = sorted(
                (
                    (left, self.height - top, right, self.height - bottom)
                    for left, bottom, right, top in boxes
                ),
                key=lambda box: (box[1] + box[3]) / 2,
            )
            for box in upright:
                middle = (box[1] + box[3]) / 2
                if (
                    tops
                    and _middle(tops[-1]) is not None
                    and abs(middle - _middle(tops[-1])) < max(3.0, (box[3] - box[1]) * 0.55)
                ):
                    tops[-1].append(box)
                else:
                    tops.append([box])
            self._rects = [(union, self._bounded(union)) for union in map(_union, tops)]
        return self._rects

    def lines(self, top: float, bottom: float) -> list[Line]:
        """List the lines whose middle lies between two heights."""
        return [
            (box, text)
            for box, text in self._all_lines()
            if text.strip() and top - 1 <= (box[1] + box[3]) / 2 < bottom + 1
        ]

    def lines_in(self, box: Box) -> list[str]:
        """List the lines inside a cell's box."""
        left, top, right, bottom = box
        text = self._bounded((left + _INSET, top + _INSET, right - _INSET, bottom - _INSET))
        return [line for line in text.split("\n") if line.strip()]

    def _bounded(self, box: Box) -> str:
        """Read the text inside a box."""
        left, top, right, bottom = box
        raw = self._text.get_text_bounded(
            left=left, bottom=self.height - bottom, right=right, top=self.height - top
        )
        return clean(raw)


def clean(raw: str) -> str:
    """Remove what pdfium leaves in a text: carriage returns, direction marks, soft hyphens, presentation forms."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", text.replace("\u00ad", ""))
    if _ARABIC.search(text):
        text = unicodedata.normalize("NFKC", text)
    return _BLANKS.sub(" ", texts.display_form(text))


def _middle(boxes: list[Box]) -> float:
    """Give the mean height of boxes."""
    return sum((box[1] + box[3]) / 2 for box in boxes) / len(boxes)


def _union(boxes: list[Box]) -> Box:
    """Give the box around boxes."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


class RightToLeftText:
    """Hold the glyphs of a right-to-left page."""

    is_right_to_left = True

    def __init__(self, page: Any, text: PageText) -> None:
        """Take the glyphs of pdfplumber's page."""
        self._glyphs: list[dict[str, Any]] = [glyph for glyph in page.chars if glyph.get("upright", True)]
        self.height = text.height
        self._mirrors = _is_mirrored(self._glyphs)

    def lines(self, top: float, bottom: float) -> list[Line]:
        """List the lines whose middle lies between two heights."""
        return self._lines((0.0, top, float("inf"), bottom))

    def lines_in(self, box: Box) -> list[str]:
        """List the lines inside a cell's box."""
        return [line for _, line in self._lines(box)]

    def _lines(self, box: Box) -> list[Line]:
        """Group the glyphs whose middle lies in a box into lines."""
        left, top, right, bottom = box
        inside = [
            glyph
            for glyph in self._glyphs
            if left <= (glyph["x0"] + glyph["x1"]) / 2 <= right
            and top <= (glyph["top"] + glyph["bottom"]) / 2 < bottom
        ]
        rows: list[list[dict[str, Any]]] = []
        for glyph in sorted(inside, key=lambda item: float(item["bottom"])):
            if rows and glyph["bottom"] - rows[-1][0]["bottom"] < glyph["size"] * _LINE_SHARE:
                rows[-1].append(glyph)
            else:
                rows.append([glyph])
        return [(_glyph_box(row), text) for row in rows if (text := self._read(row)).strip()]

    def _read(self, row: list[dict[str, Any]]) -> str:
        """Read the glyphs of one line from right to left."""
        parts: list[str] = []
        before: dict[str, Any] | None = None
        for glyph in sorted(row, key=lambda item: -float(item["x1"])):
            if before is not None and before["x0"] - glyph["x1"] > glyph["size"] * _SPACE_SHARE:
                parts.append(" ")
            parts.append(str(glyph["text"]))
            before = glyph
        backwards = _HEH_PLURAL.sub("ه\u200c", clean("".join(parts).replace("\u200c", "")))
        if self._mirrors:
            backwards = backwards.translate(_MIRRORED)
        return _FORWARD.sub(_turned, backwards)


def _turned(match: re.Match[str]) -> str:
    """Turn a number or a Latin word back into reading order."""
    return match.group()[::-1]


def _is_mirrored(glyphs: list[dict[str, Any]]) -> bool:
    """Tell whether brackets are stored as they look: a closing one then stands before its opening one."""
    order = "".join(
        str(glyph["text"])
        for glyph in sorted(glyphs, key=lambda item: (round(item["bottom"] / 4), -item["x1"]))
    )
    brackets = re.sub(r"[^()«»]", "", order)
    return len(re.findall(r"\)\(|»«", brackets)) > len(re.findall(r"\(\)|«»", brackets))


def _glyph_box(row: list[dict[str, Any]]) -> Box:
    """Give the box around glyphs."""
    return (
        min(float(glyph["x0"]) for glyph in row),
        min(float(glyph["top"]) for glyph in row),
        max(float(glyph["x1"]) for glyph in row),
        max(float(glyph["bottom"]) for glyph in row),
    )
