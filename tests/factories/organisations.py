"""Make bodies, people and a small ministry for tests of any room.

``small_ministry()`` builds, in the pack ``xx``::

    xx                       the state
    ├── xx.min               Ministry of Communications (the installation's ministry)
    │   ├── xx.min.planning      planning department
    │   └── xx.min.it            information technology organisation
    ├── xx.health            Ministry of Health
    ├── xx.north             province (industrial) ── xx.north.ict   its department
    └── xx.south             province              ── xx.south.ict   its department

with one person for each role (``people[Role.MINISTER]`` …): the provincial director at ``xx.north.ict``, the body's
officer at ``xx.health``, everybody else at the ministry. ``south_director`` directs ``xx.south.ict``.
"""

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.kernel import text
from mehvar.organisations.data import BodyType
from mehvar.organisations.models import Group, GroupName, Organisation, OrganisationName, Position, Register

PASSWORD = "correct-horse-battery"

_numbers = count(1)


def make_organisation(
    code: str = "",
    *,
    parent: Organisation | None = None,
    type: str = BodyType.DEPARTMENT,  # noqa: A002 - the model's own field
    pack: str = "xx",
    **fields: Any,
) -> Organisation:
    """Make a body with its official names (``name_fa``, ``name_vi``, ``name_en``; English is made up)."""
    code = code or f"xx.body{next(_numbers)}"
    fields.setdefault("name_en", f"Body {code}")
    fields |= {"code": code, "type": str(type), "pack": pack}
    if parent is None:
        organisation: Organisation = Organisation.objects.add_root(fields)
    else:
        organisation = Organisation.objects.add_child(Organisation.objects.get(pk=parent.pk), fields)
    for language in ("fa", "vi", "en"):
        if written := fields.get(f"name_{language}"):
            make_name(organisation, written, language, "official")
    return organisation


def make_name(
    organisation: Organisation, written: str, language: str = "en", kind: str = "alias", **fields: Any
) -> OrganisationName:
    """Give a body one more name."""
    return OrganisationName.objects.create(
        organisation=organisation,
        text=written,
        folded=text.fold_for_search(written),
        language=language,
        kind=kind,
        **fields,
    )


def make_user(role: Role | None = None, organisation: Organisation | None = None, **fields: Any) -> User:
    """Make a person (password ``PASSWORD``), with a position when a role and a body are given."""
    number = next(_numbers)
    fields.setdefault("email", f"person{number}@example.org")
    fields.setdefault("name", f"Person {number}")
    fields.setdefault("language", "en")
    user = User.objects.create_user(password=PASSWORD, **fields)
    if role is not None and organisation is not None:
        make_position(user, role, organisation)
    return user


def make_position(user: User, role: Role, organisation: Organisation, **fields: Any) -> Position:
    """Let a person hold a role at a body since long ago."""
    fields.setdefault("valid_from", date(2000, 1, 1))
    return Position.objects.create(user=user, role=role, organisation=organisation, **fields)


def make_group(code: str, rule: dict[str, Any], *wordings: str, pack: str = "xx") -> Group:
    """Make a group with its wordings."""
    group = Group.objects.create(code=code, pack=pack, name_en=code.strip("@").title(), rule=rule)
    GroupName.objects.bulk_create(GroupName(group=group, text=written, language="en") for written in wordings)
    return group


@dataclass
class SmallMinistry:
    """Hold what ``small_ministry`` made."""

    state: Organisation
    ministry: Organisation
    planning: Organisation
    it: Organisation
    health: Organisation
    north: Organisation
    north_ict: Organisation
    south: Organisation
    south_ict: Organisation
    people: dict[Role, User]
    south_director: User


def small_ministry(*, language: str = "en", calendar: str = "gregorian") -> SmallMinistry:
    """Make a register ``xx`` with a ministry, a second one, two provinces, two groups and a person per role."""
    state = make_organisation("xx", type=BodyType.STATE_ORGAN, name_en="The State")
    ministry = make_organisation(
        "xx.min",
        parent=state,
        type=BodyType.MINISTRY,
        name_en="Ministry of Communications",
        name_fa="وزارت ارتباطات",
        name_vi="Bộ Truyền thông",
    )
    planning = make_organisation("xx.min.planning", parent=ministry, name_en="Planning Department")
    it = make_organisation("xx.min.it", parent=ministry, name_en="Information Technology Organisation")
    health = make_organisation(
        "xx.health", parent=state, type=BodyType.MINISTRY, name_en="Ministry of Health", name_vi="Bộ Y tế"
    )
    north, north_ict = _province(state, "north", "North", attributes={"industrial": True})
    south, south_ict = _province(state, "south", "South")
    Register.objects.create(code="xx", language=language, calendar=calendar, ministry=ministry, is_home=True)
    make_group("@ministries", {"types": ["ministry"]}, "ministries", "all ministries")
    make_group("@provinces", {"types": ["province"]}, "provinces", "localities")
    places = {Role.PROVINCIAL_DIRECTOR: north_ict, Role.BODY_OFFICER: health}
    people = {role: make_user(role, places.get(role, ministry), name=role.value) for role in Role}
    return SmallMinistry(
        state=state,
        ministry=ministry,
        planning=planning,
        it=it,
        health=health,
        north=north,
        north_ict=north_ict,
        south=south,
        south_ict=south_ict,
        people=people,
        south_director=make_user(Role.PROVINCIAL_DIRECTOR, south_ict, name="south director"),
    )


def _province(state: Organisation, code: str, name: str, **fields: Any) -> tuple[Organisation, Organisation]:
    """Make a province and its department of communications."""
    province = make_organisation(f"xx.{code}", parent=state, type=BodyType.PROVINCE, name_en=name, **fields)
    department = make_organisation(
        f"xx.{code}.ict",
        parent=province,
        type=BodyType.PROVINCIAL_DEPARTMENT,
        name_en=f"Department of Communications of {name}",
    )
    return province, department
