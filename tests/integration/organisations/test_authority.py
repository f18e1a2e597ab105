"""What a person may do follows from the positions held on the day, over the subtree, and nothing else."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from mehvar.accounts.data import Role
from mehvar.kernel import clock
from mehvar.organisations import queries
from mehvar.organisations.data import NOBODY
from mehvar.organisations.models import Organisation
from mehvar.organisations.rules.permissions import Permission, allows
from tests.factories import organisations as make

pytestmark = pytest.mark.django_db


def test_a_position_reaches_the_body_and_all_below_it() -> None:
    house = make.small_ministry()
    authority = queries.authority_of(house.people[Role.PLANNING_OFFICER])
    assert allows(authority, Permission.DRAFT_DIRECTIVE, house.ministry.path)
    assert allows(authority, Permission.DRAFT_DIRECTIVE, house.it.path)
    assert not allows(authority, Permission.DRAFT_DIRECTIVE, house.health.path)
    assert not allows(authority, Permission.DRAFT_DIRECTIVE, house.state.path)


def test_a_position_counts_from_its_first_day_until_the_day_before_its_last() -> None:
    house = make.small_ministry()
    user = make.make_user()
    make.make_position(
        user, Role.DEPUTY, house.ministry, valid_from=date(2025, 3, 1), valid_to=date(2025, 6, 1)
    )
    for day, held in (("2025-02-28", 0), ("2025-03-01", 1), ("2025-05-31", 1), ("2025-06-01", 0)):
        with clock.fixed(datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)):
            assert len(queries.authority_of(user).held) == held, day


def test_nobody_holds_nothing() -> None:
    house = make.small_ministry()
    gone = house.people[Role.MINISTER]
    gone.is_active = False
    assert queries.authority_of(None) == queries.authority_of(AnonymousUser()) == NOBODY
    assert queries.authority_of(gone) == NOBODY


def test_a_superuser_administers_the_whole_tree_but_reads_no_drafts() -> None:
    house = make.small_ministry()
    authority = queries.authority_of(make.make_user(is_superuser=True))
    assert allows(authority, Permission.MANAGE_ORGANISATIONS, house.south_ict.path)
    assert not allows(authority, Permission.VIEW_DRAFTS)


def test_authority_costs_one_query(django_assert_num_queries: Any) -> None:
    house = make.small_ministry()
    user = house.people[Role.MINISTER]
    with django_assert_num_queries(1):
        queries.authority_of(user)


def test_a_queryset_is_cut_down_to_the_subtrees_and_nothing_of_a_neighbour_leaks() -> None:
    house = make.small_ministry()
    north = queries.authority_of(house.people[Role.PROVINCIAL_DIRECTOR])
    seen = queries.scoped(Organisation.objects.all(), north, Permission.VIEW_ASSIGNMENTS)
    assert set(seen) == {house.north_ict}
    assert not queries.scoped(Organisation.objects.all(), north, Permission.VIEW_DRAFTS).exists()
    admin = queries.authority_of(make.make_user(is_superuser=True))
    everything = queries.scoped(Organisation.objects.all(), admin, Permission.MANAGE_ORGANISATIONS)
    assert everything.count() == Organisation.objects.count()


def test_a_subtree_ends_where_the_next_sibling_begins() -> None:
    root = make.make_organisation("yy")
    children = [make.make_organisation(f"yy.{number}", parent=root) for number in range(40)]
    grandchild = make.make_organisation("yy.0.a", parent=children[0])
    found = Organisation.objects.filter(queries.within(children[0].path))
    assert set(found) == {children[0], grandchild}


def test_holders_are_found_at_the_body_and_above_it_nearest_first() -> None:
    house = make.small_ministry()
    near = make.make_user(Role.PLANNING_OFFICER, house.it)
    found = queries.holders_of(Permission.DRAFT_DIRECTIVE, house.it.path)
    assert found == (near.pk, house.people[Role.PLANNING_OFFICER].pk)
    assert queries.holders_of(Permission.DRAFT_DIRECTIVE, house.it.path, at_most_above=False) == (near.pk,)


def test_a_group_follows_its_rule_its_exceptions_and_the_day() -> None:
    house = make.small_ministry()
    on = date(2025, 1, 1)
    found = queries.members_of_group("xx", "@ministries", on)
    assert list(found) == [house.ministry, house.health]
    group = queries.group_by_code("xx", "@ministries")
    group.exceptions.create(organisation=house.health, included=False, valid_from=date(2025, 1, 1))
    group.exceptions.create(organisation=house.it, included=True, valid_to=date(2025, 1, 1))
    assert list(queries.members_of_group("xx", "@ministries", on)) == [house.ministry]
    assert set(queries.members_of_group("xx", "@ministries", date(2024, 12, 31))) == {
        house.ministry,
        house.health,
        house.it,
    }


def test_the_ministry_and_the_provinces_of_the_installation_are_known() -> None:
    house = make.small_ministry()
    assert queries.ministry() == house.ministry
    assert list(queries.provinces()) == [house.north, house.south]
    assert list(queries.line_above(house.north_ict.path)) == [house.state, house.north]
    assert list(queries.children_of(house.ministry.path)) == [house.planning, house.it]
    assert list(queries.children_of("")) == [house.state]


def test_search_ignores_what_people_ignore() -> None:
    house = make.small_ministry()
    assert list(queries.search("وزارت ارتباطات".replace("ی", "ي"))) == [house.ministry]
    assert list(queries.search("bo truyen THONG")) == [house.ministry]
    assert list(queries.search("xx.north.ict")) == [house.north_ict]
    assert not queries.search("nothing like it").exists()


def test_a_name_falls_back_to_a_language_that_the_body_has() -> None:
    house = make.small_ministry()
    row = Organisation.objects.values(*queries.NAME_FIELDS).get(code="xx.min")
    assert queries.name_in(row, "vi") == queries.name_in(house.ministry, "vi") == "Bộ Truyền thông"
    assert queries.name_in(house.it, "fa") == "Information Technology Organisation"
