"""Bound guesses at the codes that open persons' lists, without letting a stranger lock anybody out.

Tries are counted for each network (an IPv4 address, an IPv6 /48) and list: three in a minute, six in a quarter of an hour, twelve in a day, so that
each round waits longer than the one before. All lists together, a network has twenty tries in a quarter of an hour. Whoever tries from
elsewhere is not held up by this: the person's own code opens the list however often strangers guessed.

What is left to strangers with very many networks is bounded by the list's own count, a million tries a day. Arithmetic: a code has twelve
decimal digits, 10**12 of them, and holds for 48 hours, which touch at most three days of counting: at most 3 * 10**6 guesses, so at most
3 in a million to hit a living code. To reach that bound, and with it to keep the person out until the next day, takes more than 83,000
networks (10**6 / 12) in one day; a whole IPv6 /32, a provider's, has 65,536. Tries that a network's count refuses do not count against
the list.
"""

from __future__ import annotations

import hashlib
from math import ceil

from mehvar.accounts.actions import outside, rates
from mehvar.kernel import clock
from mehvar.kernel.errors import LimitExceeded, gettext_noop
from mehvar.kernel.outside import network_of

PACES = ((60, 3), (900, 6), (86_400, 12))
"""Seconds, and how often a network may try at one list within them."""

MOST_PER_NETWORK, NETWORK_WINDOW_S = 20, 900
IPV6_BITS = 48
MOST_PER_LIST, LIST_WINDOW_S = 1_000_000, 86_400


def count_try(subject: str, *, address: str) -> None:
    """Count a try at the list behind a token from a network address, before the code is looked at.

    Raises:
        Unavailable: too many tries from the network at all lists.
        LimitExceeded: too many tries from the network at this list, or too many at this list altogether.
    """
    outside.check_flood(address, "about-me", most=MOST_PER_NETWORK, window_s=NETWORK_WINDOW_S)
    for window_s, most in PACES:
        if _count(f"{subject} {network_of(address, bits=IPV6_BITS)}", window_s) > most:
            raise LimitExceeded(
                gettext_noop(
                    "Too many tries from your connection. Please wait {minutes} minutes, or try from another one."
                ),
                code="too-many-tries",
                minutes=_minutes_left(window_s),
            )
    if _count(subject, LIST_WINDOW_S) > MOST_PER_LIST:
        raise LimitExceeded(
            gettext_noop("Too many wrong codes were tried for this number today. Please try again tomorrow."),
            code="too-many-guesses",
        )


def _count(name: str, window_s: int) -> int:
    """Count over all processes; what is counted is not the name itself."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    return rates.count(f"exchange-about:{window_s}:{digest}", window_s=window_s)


def _minutes_left(window_s: int) -> int:
    return ceil((window_s - clock.now().timestamp() % window_s) / 60)
