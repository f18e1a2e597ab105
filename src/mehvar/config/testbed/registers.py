"""Invent what three registers hold: people, parcels of land, postcodes; the same at every start.

One invented country with three languages: a third of the records are Persian, Vietnamese, English. Identifiers begin
with 990, which no real register gives out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

SEED = 1_404
COUNT = 240
_CHECK_MODULUS = 11
_SCRIPTS = ("fa", "vi", "en")
_GIVEN = {
    "fa": ("زهرا", "مریم", "فاطمه", "نرگس", "لیلا", "علی", "رضا", "حسین", "بهرام", "کاوه", "آرش", "سارا"),
    "vi": ("Lan", "Hương", "Thảo", "Mai", "Ngọc", "Minh", "Tuấn", "Dũng", "Quân", "Hải", "Phúc", "Yến"),
    "en": (
        "Alice",
        "Martha",
        "Nora",
        "Ruth",
        "Edith",
        "John",
        "Peter",
        "Hugh",
        "Owen",
        "Miles",
        "Ralph",
        "Ivy",
    ),
}
_FAMILY = {
    "fa": ("احمدی", "کریمی", "رستمی", "نیک‌پور", "یزدانی", "صادقی", "موسوی", "شیرازی", "فرهادی", "بهاری"),
    "vi": ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ"),
    "en": (
        "Ashby",
        "Barlow",
        "Carver",
        "Dunmore",
        "Ellery",
        "Fairley",
        "Garside",
        "Hartwell",
        "Ingham",
        "Kerr",
    ),
}
_STREETS = {
    "fa": ("خیابان سرو", "خیابان بهار", "کوچه نسترن", "بلوار دانش", "خیابان چنار", "کوچه باغ"),
    "vi": (
        "Đường Hoa Sen",
        "Đường Bờ Sông",
        "Phố Vườn Cau",
        "Đường Hòa Bình",
        "Phố Chợ Cũ",
        "Đường Đồi Thông",
    ),
    "en": ("Mill Lane", "Orchard Road", "Harbour Street", "Chapel Hill", "Station Road", "Meadow Row"),
}
_TOWNS = {
    "fa": ("سروآباد", "نیک‌شهر", "رودکنار"),
    "vi": ("Thị trấn Bến Sen", "Thị xã Đồi Thông", "Làng Vườn Cau"),
    "en": ("Northmere", "Alderton", "Saltwick"),
}
_USES = {
    "fa": ("مسکونی", "کشاورزی", "تجاری"),
    "vi": ("đất ở", "đất nông nghiệp", "đất thương mại"),
    "en": ("residential", "agricultural", "commercial"),
}


@dataclass(frozen=True, slots=True)
class Registers:
    """Hold the content of the three registers, each by its identifier."""

    persons: dict[str, dict[str, Any]]
    parcels: dict[str, dict[str, Any]]
    postcodes: dict[str, dict[str, Any]]


@lru_cache(maxsize=1)
def registers() -> Registers:
    """Return all registers; they agree with one another (owners live, addresses exist)."""
    draw = random.Random(SEED)  # noqa: S311 - invented data, no secrets
    addresses = [_address(number, draw) for number in range(COUNT)]
    persons = [_person(number, address, draw) for number, address in enumerate(addresses)]
    parcels = [_parcel(number, draw.choice(persons), draw) for number in range(COUNT)]
    return Registers(
        {person["id"]: person for person in persons},
        {parcel["id"]: parcel for parcel in parcels},
        {address["postcode"]: address for address in addresses},
    )


def identity_number(number: int) -> str:
    """Return an invented identity number of ten digits; the last one checks the others."""
    digits = f"990{number:06d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True))
    rest %= _CHECK_MODULUS
    return digits + str(rest if rest < 2 else _CHECK_MODULUS - rest)  # noqa: PLR2004 - the rule of the check digit


def _person(number: int, address: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    language = address["language"]
    return {
        "id": identity_number(1_000 + number * 37),
        "language": language,
        "given_name": draw.choice(_GIVEN[language]),
        "family_name": draw.choice(_FAMILY[language]),
        "born_on": f"{draw.randint(1941, 2004)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}",
        "state": "alive" if draw.random() > 0.06 else "deceased",  # noqa: PLR2004 - a plausible share
        "postcode": address["postcode"],
    }


def _parcel(number: int, owner: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    language = owner["language"]
    return {
        "id": f"QF-{1 + number // 40:02d}-{1_000 + number * 7}",
        "language": language,
        "owner": owner["id"],
        "area_m2": draw.randint(60, 9_000),
        "use": draw.choice(_USES[language]),
        "postcode": owner["postcode"],
        "liens": [],
    }


def _address(number: int, draw: random.Random) -> dict[str, Any]:
    language = _SCRIPTS[number % len(_SCRIPTS)]
    return {
        "postcode": f"99{number * 7_919 % 10**8:08d}",
        "language": language,
        "street": draw.choice(_STREETS[language]),
        "house": draw.randint(1, 180),
        "town": draw.choice(_TOWNS[language]),
        "latitude": round(35 + draw.random(), 5),
        "longitude": round(51 + draw.random(), 5),
    }
