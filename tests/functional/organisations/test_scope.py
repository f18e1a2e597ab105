"""Nobody administers beyond the own subtree: every address and every button, role by role."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.organisations import actions
from mehvar.organisations.data import Capacity, CommitteeKind
from mehvar.organisations.models import Committee, Organisation, Position
from tests.factories import organisations as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> make.SmallMinistry:
    return make.small_ministry()


def committee_of(body: Organisation) -> Committee:
    return actions.establish_committee(
        None,
        organisation_id=body.pk,
        kind=CommitteeKind.PROVINCIAL,
        name=f"Committee of {body.code}",
        mandate="m",
        established_on=date(2024, 1, 1),
    )


def changes_of(body: Organisation) -> list[str]:
    names = ("edit", "rename", "add_name", "move", "succeed")
    return [reverse(f"organisations:{name}", args=[body.code]) for name in names] + [
        reverse("organisations:correct_name", args=[body.names.first().pk])
    ]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_change_bodies_and_people(
    client: Client, house: make.SmallMinistry, role: Role
) -> None:
    client.force_login(house.people[role])
    for url in [*changes_of(house.ministry), *changes_of(house.north_ict), reverse("organisations:create")]:
        assert client.get(url).status_code == 403, url
        assert client.post(url, {"version": 1}).status_code == 403, url
    for name in ("people", "invite", "sheets"):
        assert client.get(reverse(f"organisations:{name}")).status_code == 403, name
    assert client.get(reverse("organisations:person", args=[house.south_director.pk])).status_code == 403
    assert (
        client.post(reverse("organisations:close_account", args=[house.south_director.pk])).status_code == 403
    )
    assert client.get(reverse("organisations:export", args=["positions", "csv"])).status_code == 403


def test_an_administrator_of_one_subtree_is_nobody_in_another(
    client: Client, house: make.SmallMinistry
) -> None:
    north_admin = make.make_user(Role.ADMINISTRATOR, house.north)
    client.force_login(north_admin)
    for url in changes_of(house.north_ict):
        assert client.get(url).status_code == 200, url
    for url in [*changes_of(house.south_ict), *changes_of(house.ministry), *changes_of(house.state)]:
        assert client.get(url).status_code == 403, url
    assert client.get(reverse("organisations:person", args=[house.south_director.pk])).status_code == 404
    rows = client.get(reverse("organisations:people")).context["table"].rows
    assert {row["id"] for row in rows} == {north_admin.pk, house.people[Role.PROVINCIAL_DIRECTOR].pk}


def test_a_body_is_not_moved_out_of_or_into_anothers_subtree(
    client: Client, house: make.SmallMinistry
) -> None:
    client.force_login(make.make_user(Role.ADMINISTRATOR, house.north))
    url = reverse("organisations:move", args=["xx.north.ict"])
    answer = client.post(url, {"version": house.north_ict.version, "parent": "xx.south"})
    assert answer.status_code == 403
    house.north_ict.refresh_from_db()
    assert house.north_ict.path.startswith(house.north.path)


def test_nobody_gives_a_role_outside_the_own_subtree(client: Client, house: make.SmallMinistry) -> None:
    admin = make.make_user(Role.ADMINISTRATOR, house.north)
    client.force_login(admin)
    give = reverse("organisations:give_position", args=[admin.pk])
    answer = client.post(give, {"organisation": "xx.min", "role": "minister", "valid_from": "2025-01-01"})
    assert answer.status_code == 403
    invitation = {"email": "new@example.org", "name": "New", "language": "en", "role": "auditor"}
    answer = client.post(reverse("organisations:invite"), {**invitation, "organisation": "xx.south"})
    assert answer.status_code == 403
    assert not User.objects.filter(email="new@example.org").exists()
    assert (
        client.post(
            reverse("organisations:invite"), {**invitation, "organisation": "xx.north.ict"}
        ).status_code
        == 302
    )
    assert Position.objects.filter(user__email="new@example.org", role="auditor").exists()


def test_the_account_of_somebody_with_a_position_elsewhere_is_not_closed(
    client: Client, house: make.SmallMinistry
) -> None:
    client.force_login(make.make_user(Role.ADMINISTRATOR, house.north))
    director = house.people[Role.PROVINCIAL_DIRECTOR]
    make.make_position(director, Role.AUDITOR, house.ministry)
    assert client.post(reverse("organisations:close_account", args=[director.pk])).status_code == 403
    director.refresh_from_db()
    assert director.is_active


def test_an_administrator_with_a_position_never_closes_the_whole_trees_administrator(
    client: Client, house: make.SmallMinistry
) -> None:
    root = make.make_user(Role.AUDITOR, house.north, is_superuser=True)
    client.force_login(make.make_user(Role.ADMINISTRATOR, house.north))
    assert client.post(reverse("organisations:close_account", args=[root.pk])).status_code == 403


def test_a_director_manages_the_own_provinces_committees_only(
    client: Client, house: make.SmallMinistry
) -> None:
    client.force_login(house.people[Role.PROVINCIAL_DIRECTOR])
    own, other = committee_of(house.north_ict), committee_of(house.south_ict)
    assert client.get(reverse("organisations:establish", args=["xx.north.ict"])).status_code == 200
    assert client.get(reverse("organisations:establish", args=["xx.south.ict"])).status_code == 403
    for name in ("change_committee", "dissolve", "seat"):
        assert client.get(reverse(f"organisations:{name}", args=[own.pk])).status_code == 200
        assert client.get(reverse(f"organisations:{name}", args=[other.pk])).status_code == 403
    member = actions.seat_member(None, other.pk, capacity=Capacity.MEMBER, office="Governor")
    assert client.post(reverse("organisations:release", args=[member.pk])).status_code == 403


def test_closing_an_account_signs_its_owner_out(client: Client, house: make.SmallMinistry) -> None:
    director = house.people[Role.PROVINCIAL_DIRECTOR]
    theirs = Client()
    theirs.force_login(director)
    assert theirs.get(reverse("organisations:list")).status_code == 200
    client.force_login(make.make_user(Role.ADMINISTRATOR, house.north))
    assert client.post(reverse("organisations:close_account", args=[director.pk])).status_code == 302
    assert theirs.get(reverse("organisations:list")).status_code == 302
    assert client.post(reverse("organisations:open_account", args=[director.pk])).status_code == 302


def test_a_position_ends_once(client: Client, house: make.SmallMinistry) -> None:
    director = house.people[Role.PROVINCIAL_DIRECTOR]
    position = director.positions.get()
    client.force_login(make.make_user(Role.ADMINISTRATOR, house.state))
    url = reverse("organisations:end_position", args=[director.pk, position.pk])
    assert client.post(url).status_code == 302
    page = client.post(url, follow=True).content.decode()
    assert "This position has ended already." in page
