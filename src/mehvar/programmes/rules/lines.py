"""Read the cells of a plan's grid: dates, amounts, milestones and budget lines as people write them, and write them back.

A milestone is a line ``date | title`` (or ``title | date``, or ``date title``), a budget line ``what for | amount | source of funds``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from mehvar.kernel import text
from mehvar.kernel.calendars import Calendar, StatedDate, format_date, parse_date
from mehvar.kernel.errors import InputError, gettext_noop
from mehvar.programmes.rules.plans import (
    LONGEST_LINE,
    LONGEST_SHORT,
    MOST_LINES,
    BudgetAmount,
    MilestoneLine,
)

FARTHEST_YEARS = 30
_COMPACT = re.compile(r"(1[34]\d\d|20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_FIRST_WORD = re.compile(r"(\S*\d\S*)[\s:–—-]+(.+)")
_GROUPED_BY_DOTS = re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?")
_GROUPED_BY_COMMAS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_LARGEST = Decimal(10) ** 17


@dataclass(frozen=True, slots=True)
class Writing:
    """Hold how a reader writes: language, calendar, the currency of the call, and the day by which far dates are doubted."""

    language: str = "en"
    calendar: Calendar = Calendar.GREGORIAN
    currency: str = ""
    today: date = field(default=date.min)


def read_day(written: str, writing: Writing) -> StatedDate | None:
    """Read a date in either calendar and any digits; an empty cell is None.

    Raises:
        InputError: It is no date, or lies so far away that it is likely one of another calendar.
    """
    plain = text.to_ascii_digits(written).strip()
    if not plain:
        return None
    if match := _COMPACT.fullmatch(plain):
        plain = "/".join(match.groups())
    try:
        stated = parse_date(plain)
    except InputError:
        raise InputError(
            gettext_noop("“{value}” is not a date."), code="not-a-date", field="date", value=written.strip()
        ) from None
    if writing.today > date.min and abs(stated.day.year - writing.today.year) > FARTHEST_YEARS:
        raise InputError(
            gettext_noop(
                "“{value}” would lie in {year}. Dates are read by the Gregorian and the Jalali calendar only."
            ),
            code="far-date",
            field="date",
            value=written.strip(),
            year=str(stated.day.year),
        )
    return StatedDate(stated.day, stated.calendar, written.strip())


def read_amount(written: str, language: str) -> Decimal:
    """Read an amount of money exactly; Vietnamese groups by dots, Persian and English by commas.

    Raises:
        InputError: It is no amount, or too large, or negative.
    """
    plain = re.sub(r"[\s'٬_]", "", text.to_ascii_digits(written)).replace("٫", ".")
    if language == "vi" and _GROUPED_BY_DOTS.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _GROUPED_BY_COMMAS.fullmatch(plain) or plain.count(",") > 1:
        plain = plain.replace(",", "")
    elif language == "vi":
        plain = plain.replace(",", ".")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise _no_amount(written) from None
    if not amount.is_finite() or amount < 0 or amount > _LARGEST:
        raise _no_amount(written)
    return amount.quantize(Decimal("0.01"))


def _no_amount(written: str) -> InputError:
    return InputError(
        gettext_noop("“{value}” is not an amount of money."), code="not-an-amount", value=written.strip()
    )


def read_milestones(written: str, writing: Writing) -> tuple[MilestoneLine, ...]:
    """Read milestones, one a line.

    Raises:
        InputError: A line has a date that cannot be read, or there are too many lines.
    """
    return tuple(_milestone(line, writing) for line in _lines(written))


def _milestone(line: str, writing: Writing) -> MilestoneLine:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) == 1:
        match = _FIRST_WORD.fullmatch(text.to_ascii_digits(line))
        if match is None or _day_or_none(match[1], writing) is None:
            return MilestoneLine(_title(line))
        return MilestoneLine(_title(line[match.start(2) :]), _day_or_none(match[1], writing))
    first = _day_or_none(parts[0], writing)
    if first is not None:
        return MilestoneLine(_title(parts[1]), first, _weight(parts[2:]))
    stated = read_day(parts[1], writing)
    return MilestoneLine(_title(parts[0]), stated.day if stated else None, _weight(parts[2:]))


def _weight(parts: Sequence[str]) -> float:
    return read_weight(parts[0]) if parts and parts[0] else 1.0


def read_weight(written: str) -> float:
    """Read a weight above 0; an empty cell weighs 1.

    Raises:
        InputError: It is no number between 0 and 1000.
    """
    plain = text.to_ascii_digits(written).strip().rstrip("%٪").replace("٫", ".").replace(",", ".")
    if not plain:
        return 1.0
    try:
        weight = float(plain)
    except ValueError:
        weight = 0.0
    if not 0 < weight <= 1000:  # noqa: PLR2004 - said in the message
        raise InputError(
            gettext_noop("“{value}” is not a weight: write a number above 0, at most 1000."),
            code="not-a-weight",
            field="weight",
            value=written.strip(),
        )
    return weight


def _day_or_none(written: str, writing: Writing) -> date | None:
    try:
        stated = read_day(written, writing)
    except InputError as error:
        if error.code == "far-date":
            raise
        return None
    return stated.day if stated else None


def _title(written: str) -> str:
    return text.display_form(written)[:LONGEST_LINE]


def read_budget(written: str, writing: Writing) -> tuple[BudgetAmount, ...]:
    """Read budget lines, one a line; a line that is only an amount is taken as the item's whole budget.

    Raises:
        InputError: A line's amount cannot be read, or there are too many lines.
    """
    return tuple(_budget(line, writing) for line in _lines(written))


def _budget(line: str, writing: Writing) -> BudgetAmount:
    parts = [part.strip() for part in line.split("|")]
    title, amount, source = (
        ("", parts[0], "") if len(parts) == 1 else (parts[0], parts[1], "".join(parts[2:3]))
    )
    amount, currency = _currency_of(amount, writing.currency)
    return BudgetAmount(
        _title(title),
        read_amount(amount, writing.language),
        currency,
        text.display_form(source)[:LONGEST_SHORT],
    )


def _currency_of(amount: str, usual: str) -> tuple[str, str]:
    """Take a currency code from before or after an amount."""
    match = re.fullmatch(r"([A-Za-z]{3})\s*(.+)|(.+?)\s*([A-Za-z]{3})", amount)
    if match is None or not any(sign.isdigit() for sign in amount):
        return amount, usual
    return (match[2], match[1].upper()) if match[1] else (match[3], match[4].upper())


def _lines(written: str) -> list[str]:
    found = [line.strip() for line in written.replace("\r", "\n").split("\n") if line.strip()]
    if len(found) > MOST_LINES:
        raise InputError(
            gettext_noop("At most {limit} lines fit into one cell."), code="too-many-lines", limit=MOST_LINES
        )
    return found


def read_needs(written: str) -> tuple[int, ...]:
    """Read the numbers of the items that must be done before, as "1, 3" or "۱ و ۳"; floats of spreadsheets are whole numbers.

    Raises:
        InputError: Something in it is no number.
    """
    found: list[int] = []
    for part in re.split(r"[\s,،;؛و]+", text.to_ascii_digits(written).strip()):
        number = part.removesuffix(".0")
        if not number:
            continue
        if not (number.isascii() and number.isdigit() and 0 < int(number) < 10**6):
            raise InputError(
                gettext_noop("“{value}” is not the number of an item."),
                code="not-a-number",
                field="needs",
                value=part,
            )
        found.append(int(number))
    return tuple(dict.fromkeys(found))


def write_day(day: date | None, writing: Writing) -> str:
    """Write a day as the grid shows it: figures in the reader's calendar and digits."""
    return format_date(day, writing.calendar, writing.language, "numeric") if day else ""


def write_amount(amount: Decimal, language: str) -> str:
    """Write an amount with the language's separators, without decimals where there are none."""
    plain = f"{amount:,.2f}".removesuffix(".00")
    if language == "vi":
        return plain.translate(str.maketrans(",.", ".,"))
    if language == "fa":
        return text.to_persian_digits(plain.translate(str.maketrans(",.", "٬٫")))
    return plain


def write_number(number: float, language: str) -> str:
    """Write a weight or a number without needless decimals."""
    plain = f"{number:g}"
    return text.to_persian_digits(plain.replace(".", "٫")) if language == "fa" else plain


def write_milestones(lines: Sequence[MilestoneLine], writing: Writing) -> str:
    """Write milestones as ``read_milestones`` reads them."""
    return "\n".join(_written_milestone(line, writing) for line in lines)


def _written_milestone(line: MilestoneLine, writing: Writing) -> str:
    weight = "" if line.weight == 1.0 else f" | {write_number(line.weight, writing.language)}"
    if line.due_on is None:
        return f"{line.title} |{weight}" if weight else line.title
    return f"{write_day(line.due_on, writing)} | {line.title}{weight}"


def write_budget(lines: Sequence[BudgetAmount], writing: Writing) -> str:
    """Write budget lines as ``read_budget`` reads them."""
    return "\n".join(_written_budget(line, writing) for line in lines)


def _written_budget(line: BudgetAmount, writing: Writing) -> str:
    amount = write_amount(line.amount, writing.language)
    amount = amount if line.currency == writing.currency else f"{amount} {line.currency}"
    if not (line.title or line.source):
        return amount
    return f"{line.title} | {amount} | {line.source}".removesuffix(" | ")


def write_needs(needs: Sequence[int], language: str) -> str:
    """Write the numbers of needed items."""
    joined = ("، " if language == "fa" else ", ").join(str(number) for number in needs)
    return text.to_persian_digits(joined) if language == "fa" else joined
