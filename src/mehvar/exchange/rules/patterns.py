"""Tell which patterns of strangers can be tried in bounded time, and try them.

Python's matcher goes back and tries again, so that a short pattern can keep a process busy for years. Taken are patterns without
repeated groups whose choices multiply to little on the longest text that is looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST_PATTERN = 200
LONGEST_TEXT = 120
MOST_WORK = 4_000_000
"""Ways in which a pattern may try one text, at most."""

_PLAIN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_REPEAT = re.compile(r"(\)?)([*+?]|\{(\d*)(,?)(\d*)\})[?+]?")
_SPECIAL = re.compile(r"\(\?(?!:)|\\[1-9]")


@lru_cache(maxsize=1_000)
def is_bounded(pattern: str) -> bool:
    """Tell whether a pattern can be read and is tried in bounded time."""
    if len(pattern) > LONGEST_PATTERN or _SPECIAL.search(pattern):
        return False
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    skeleton = _PLAIN.sub("x", pattern)
    work = 1 if skeleton.startswith("^") else LONGEST_TEXT
    work *= 1 << min(skeleton.count("|"), 40)
    for group, sign, least, comma, most in _REPEAT.findall(skeleton.replace("(?:", "(")):
        choices = _choices(sign, least, comma, most)
        if group and sign != "?" and (choices, least) != (1, "1"):
            return False
        work *= choices
    return work <= MOST_WORK


def _choices(sign: str, least: str, comma: str, most: str) -> int:
    """Count in how many lengths a repetition can stand."""
    if sign == "?":
        return 2
    if sign in "*+" or (comma and not most):
        return LONGEST_TEXT
    return max(1, min(int(most or 0) - int(least or 0), LONGEST_TEXT) + 1) if comma else 1


def fits(pattern: str, text: str) -> bool:
    """Tell whether a text fits a pattern; what cannot be tried in bounded time fits."""
    if not is_bounded(pattern) or len(text) > LONGEST_TEXT:
        return True
    return re.search(pattern, text) is not None
