"""Make what deliberation needs: deputies' offices, a council and a directive with clauses and measures.

``deliberating_ministry()`` is ``small_ministry()`` with a deputy at each of three offices below the ministry, and the
council of deputies, chaired by the minister, with the planning officer as its secretary.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.models import Directive, Field, Measure, Provision
from mehvar.kernel import clock, identifiers
from mehvar.organisations.models import Committee, CommitteeMember, Organisation
from tests.factories.organisations import SmallMinistry, make_organisation, make_user, small_ministry

DAY = date(2026, 5, 4)
NOON = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@dataclass
class Deliberation:
    """Hold a ministry with three deputies and a council."""

    house: SmallMinistry
    officer: User
    minister: User
    offices: list[Organisation]
    deputies: list[User]
    council: Committee

    @property
    def office_ids(self) -> list[int]:
        """Give the numbers of the three offices."""
        return [office.pk for office in self.offices]


def deliberating_ministry(*, language: str = "en", calendar: str = "gregorian") -> Deliberation:
    """Make the ministry, its three deputies and its council of deputies."""
    house = small_ministry(language=language, calendar=calendar)
    offices = [
        make_organisation(
            f"xx.min.deputy{number}",
            parent=house.ministry,
            name_en=f"Deputy of {name}",
            name_fa=f"معاونت {fa}",
            name_vi=f"Thứ trưởng phụ trách {vi}",
        )
        for number, name, fa, vi in (
            (1, "Planning", "برنامه‌ریزی", "kế hoạch"),
            (2, "Networks", "شبکه", "mạng lưới"),
            (3, "Post", "پست", "bưu chính"),
        )
    ]
    deputies = [make_user(Role.DEPUTY, office, name=f"Deputy {office.code[-1]}") for office in offices]
    council = make_council(
        house.ministry, house.people[Role.MINISTER], offices, house.people[Role.PLANNING_OFFICER]
    )
    return Deliberation(
        house=house,
        officer=house.people[Role.PLANNING_OFFICER],
        minister=house.people[Role.MINISTER],
        offices=offices,
        deputies=deputies,
        council=council,
    )


def make_council(
    ministry: Organisation,
    chair: User,
    offices: list[Organisation],
    secretary: User | None = None,
    quorum: int = 50,
) -> Committee:
    """Make a council: a chair, one seat for each office, and a secretary without a vote."""
    council = Committee.objects.create(
        organisation=ministry,
        kind="council",
        name="Council of Deputies",
        mandate="Considers the ministry's programmes and legal duties.",
        quorum=quorum,
        established_on=date(2020, 1, 1),
    )
    since = date(2020, 1, 1)
    CommitteeMember.objects.create(
        committee=council, user=chair, office="Minister", capacity="chair", valid_from=since
    )
    for office in offices:
        CommitteeMember.objects.create(
            committee=council, organisation=office, capacity="member", valid_from=since
        )
    if secretary is not None:
        CommitteeMember.objects.create(
            committee=council, user=secretary, office="Secretary", capacity="secretary", valid_from=since
        )
    return council


def make_directive(
    issuer: Organisation,
    *,
    title: str = "Directive on smart industry",
    language: str = "en",
    measures: int = 3,
) -> Directive:
    """Make a draft with a clause and some measures in one field."""
    now = clock.now()
    directive = Directive.objects.create(
        public_id=identifiers.new_public_id(),
        title=title,
        issuer=issuer,
        language=language,
        pack="xx",
        goal="Industry becomes smart.",
        motto="Together",
        created_at=now,
        changed_at=now,
    )
    Provision.objects.create(
        directive=directive,
        position=1,
        path="1",
        kind="article",
        number="1",
        heading="Scope",
        text="This directive binds every body of the ministry.",
    )
    field = Field.objects.create(directive=directive, position=1, name="Industry")
    for number in range(1, measures + 1):
        Measure.objects.create(
            directive=directive,
            field=field,
            position=number,
            section="I",
            number=str(number),
            text=f"Assess the digital maturity of plant group {number} within six months.",
            outcome_indicator="Share of plants with shorter delivery times",
        )
    return directive
