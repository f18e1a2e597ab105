"""Propose the number under which a directive is promulgated, in the form that its country uses."""

from collections.abc import Iterable, Mapping

from mehvar.kernel import text

KIND_LETTERS: Mapping[str, str] = {
    "directive": "CT",
    "resolution": "NQ",
    "decision": "QĐ",
    "plan": "KH",
    "circular": "TT",
}


def proposed_number(
    *, pack: str, kind: str, year: int, issuer_abbreviation: str, taken: Iterable[str]
) -> str:
    """Return the next free number.

    Vietnam: ``01/CT-BTTTT`` (serial within the year / kind - issuer). Elsewhere ``1399/001`` (year / serial), in
    ASCII digits; pages show the reader's digits. ``taken``: numbers of the issuer in that year.
    """
    serial = 1 + max((_serial(number, pack=pack) for number in taken), default=0)
    if pack == "vn":
        tail = "-".join(part for part in (KIND_LETTERS.get(kind, "VB"), issuer_abbreviation) if part)
        return f"{serial:02d}/{tail}"
    return f"{year}/{serial:03d}"


def _serial(number: str, *, pack: str) -> int:
    parts = text.to_ascii_digits(number).split("/")
    digits = parts[0] if pack == "vn" else parts[-1]
    return int(digits) if digits.isascii() and digits.isdigit() else 0
