"""Seat the offices of the demonstration: who signs in, with which role, for which body."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mehvar.accounts.actions import people
from mehvar.accounts.data import Role
from mehvar.ledger.data import Actor
from mehvar.organisations import queries as organisations
from mehvar.organisations.actions import positions

if TYPE_CHECKING:
    from mehvar.accounts.models import User

DOMAIN = "demo.example"
PASSWORD_FILE = "demonstration_password"  # noqa: S105 - the name of a file
SINCE = date(2019, 3, 21)


@dataclass(frozen=True, slots=True)
class Seat:
    """One office that signs in: the part of its address before the at sign, its name, language, role and body."""

    key: str
    name: str
    language: str
    role: Role
    body: str
    hint: str

    @property
    def email(self) -> str:
        """Return the address that the office signs in with."""
        return f"{self.key}@{DOMAIN}"


IRAN: Sequence[Seat] = (
    Seat("minister", "وزیر", "fa", Role.MINISTER, "ir.mict", "decides on the directive that awaits approval"),
    Seat(
        "planning", "دفتر برنامه‌ریزی", "fa", Role.PLANNING_OFFICER, "ir.mict", "imports, reviews, promulgates"
    ),
    Seat("deputy.planning", "معاونت برنامه‌ریزی", "fa", Role.DEPUTY, "ir.mict.planning", "gives opinions"),
    Seat(
        "deputy.technology",
        "معاونت فناوری و نوآوری",
        "fa",
        Role.DEPUTY,
        "ir.mict.technology",
        "gives opinions",
    ),
    Seat(
        "deputy.resources",
        "معاونت توسعه مدیریت و منابع",
        "fa",
        Role.DEPUTY,
        "ir.mict.resources",
        "gives opinions",
    ),
    Seat("deputy.legal", "معاونت حقوقی و امور مجلس", "fa", Role.DEPUTY, "ir.mict.legal", "gives opinions"),
    Seat("ito", "سازمان فناوری اطلاعات", "fa", Role.DEPUTY, "ir.mict.ito", "gives opinions"),
    Seat("infrastructure", "شرکت ارتباطات زیرساخت", "fa", Role.DEPUTY, "ir.mict.tic", "gives opinions"),
    Seat("regulator", "سازمان تنظیم مقررات", "fa", Role.DEPUTY, "ir.mict.cra", "gives opinions"),
    Seat("post", "شرکت ملی پست", "fa", Role.DEPUTY, "ir.mict.post", "gives opinions"),
    Seat(
        "post.officer",
        "کارشناس شرکت ملی پست",
        "fa",
        Role.BODY_OFFICER,
        "ir.mict.post",
        "acknowledges for the company",
    ),
    Seat("pr", "مرکز روابط عمومی", "fa", Role.PUBLIC_RELATIONS, "ir.mict", "reads what will be published"),
    Seat("auditor", "بازرسی", "fa", Role.AUDITOR, "ir.mict", "reads the record of every act"),
    Seat(
        "exchange",
        "مرکز ملی تبادل اطلاعات",
        "fa",
        Role.EXCHANGE_OPERATOR,
        "ir.mict",
        "operates the exchange: members, gateways, snapshots",
    ),
    Seat(
        "post.engineer",
        "مهندس سامانه‌های شرکت ملی پست",
        "fa",
        Role.SYSTEM_ENGINEER,
        "ir.mict.post",
        "offers a service, asks for access, keeps keys",
    ),
    Seat(
        "civil.engineer",
        "مهندس سامانه‌های ثبت احوال",
        "fa",
        Role.SYSTEM_ENGINEER,
        "ir.ncro",
        "answers requests to the civil register",
    ),
    Seat(
        "land.engineer",
        "مهندس سامانه‌های ثبت اسناد و املاک",
        "fa",
        Role.SYSTEM_ENGINEER,
        "ir.judiciary.registry",
        "has a request for access and an agreement to answer",
    ),
    Seat(
        "inquiry",
        "کارشناس استعلام شرکت ملی پست",
        "fa",
        Role.INQUIRY_OFFICER,
        "ir.mict.post",
        "asks services of other bodies with purpose and legal basis",
    ),
)

VIETNAM: Sequence[Seat] = (
    Seat("minister.vn", "Bộ trưởng", "vi", Role.MINISTER, "vn.mic", "decides"),
    Seat(
        "planning.vn",
        "Vụ Kế hoạch - Tài chính",
        "vi",
        Role.PLANNING_OFFICER,
        "vn.mic",
        "imports, reviews, promulgates",
    ),
    Seat("deputy.vn", "Thứ trưởng", "vi", Role.DEPUTY, "vn.mic", "gives opinions"),
)


def password_of(home: Path) -> str:
    """Return the demonstration's password, drawn once and readable by the owner only."""
    path = home / PASSWORD_FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(f"mehvar-{secrets.token_hex(4)}")
    return path.read_text().strip()


def seat(one: Seat, password: str) -> "User":
    """Make the account of one office and give it its position."""
    system = Actor.system("demonstration")
    administrator = one.role is Role.ADMINISTRATOR
    user = people.invite_person(
        system, email=one.email, name=one.name, language=one.language, administrator=administrator
    )
    people.set_password(system, user.pk, password)
    body = organisations.organisation(one.body)
    positions.give_position(
        None, user_id=user.pk, organisation_id=body.pk, role=one.role, title=one.name, valid_from=SINCE
    )
    return user
