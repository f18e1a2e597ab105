"""Give the text of a PDF page by place, in reading order, through pdfium.

pdfium returns right-to-left text in logical order; characters are grouped into lines by their boxes.
"""

from __future__ import annotations

import re
from typing import Any

from mehvar.kernel import text as texts

Box = tuple[float, float, float, float]
Line = tuple[Box, str]

_ARABIC = re.compile(r"[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff]")
_CONTROL = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\x02]")
_INSET = 0.8
_BLANKS = re.compile(r"[ \t\u00a0]+")


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

    def _all_lines(self) -> list[Line]:
        """List the page's lines from top to bottom, each with its box."""
        if self._rects is None:
            boxes = [self._text.get_rect(index) for index in range(self._text.count_rects())]
            tops: list[list[Box]] = []
            upright = sorted(
                ((left, self.height - top, right, self.height - bottom) for left, bottom, right, top in boxes),
                key=lambda box: (box[1] + box[3]) / 2,
            )
            for box in upright:
                middle = (box[1] + box[3]) / 2
                if tops and _middle(tops[-1]) is not None and abs(middle - _middle(tops[-1])) < max(3.0, (box[3] - box[1]) * 0.55):
                    tops[-1].append(box)
                else:
                    tops.append([box])
            self._rects = [(union, self._bounded(union)) for union in map(_union, tops)]
        return self._rects

    def lines(self, top: float, bottom: float) -> list[Line]:
        """List the lines whose middle lies between two heights."""
        return [
            (box, text) for box, text in self._all_lines() if text.strip() and top - 1 <= (box[1] + box[3]) / 2 < bottom + 1
        ]

    def lines_in(self, box: Box) -> list[str]:
        """List the lines inside a cell's box."""
        left, top, right, bottom = box
        text = self._bounded((left + _INSET, top + _INSET, right - _INSET, bottom - _INSET))
        return [line for line in text.split("\n") if line.strip()]

    def _bounded(self, box: Box) -> str:
        """Read the text inside a box."""
        left, top, right, bottom = box
        raw = self._text.get_text_bounded(left=left, bottom=self.height - bottom, right=right, top=self.height - top)
        return clean(raw)


def clean(raw: str) -> str:
    """Remove what pdfium leaves in a text: carriage returns, direction marks, soft hyphens, presentation forms."""
    import unicodedata

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
    return (min(box[0] for box in boxes), min(box[1] for box in boxes), max(box[2] for box in boxes), max(box[3] for box in boxes))
