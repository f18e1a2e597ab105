"""Every page of the register opens for whom it is meant, in three languages, at a bounded number of queries."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.organisations import actions
from mehvar.organisations.data import Capacity, CommitteeKind
from mehvar.organisations.models import Committee
from tests.factories import organisations as make

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "fa", "vi")


@pytest.fixture
def house() -> make.SmallMinistry:
    return make.small_ministry()


@pytest.fixture
def administrator(house: make.SmallMinistry) -> Any:
    return make.make_user(is_superuser=True, name="whole-tree administrator")


@pytest.fixture
def committee(house: make.SmallMinistry) -> Committee:
    made = actions.establish_committee(
        None,
        organisation_id=house.ministry.pk,
        kind=CommitteeKind.DRAFTING,
        name="Drafting committee",
        mandate="Drafts the programmes.",
        established_on=house.ministry.valid_from or date(2024, 1, 1),
    )
    actions.seat_member(
        None,
        made.pk,
        capacity=Capacity.CHAIR,
        user_id=house.people[Role.DEPUTY].pk,
        organisation_id=house.ministry.pk,
    )
    return made


def pages(house: make.SmallMinistry, committee: Committee) -> list[str]:
    code = house.ministry.code
    url = lambda name, *args: reverse(f"organisations:{name}", args=args)  # noqa: E731
    return [
        url("list"),
        url("list") + "?q=truyen+thong&present=yes",
        url("tree"),
        url("tree") + f"?at={code}",
        url("create"),
        url("organisation", code),
        url("edit", code),
        url("rename", code),
        url("add_name", code),
        url("teach", code),
        url("move", code),
        url("succeed", code),
        url("establish", code),
        url("correct_name", house.ministry.names.first().pk),
        url("groups"),
        url("group", "xx", "@ministries"),
        url("group", "xx", "@ministries") + "?on=2025-01-01",
        url("except_member", "xx", "@ministries"),
        url("committees"),
        url("committee", committee.pk),
        url("change_committee", committee.pk),
        url("dissolve", committee.pk),
        url("seat", committee.pk),
        url("people"),
        url("invite"),
        url("person", house.people[Role.DEPUTY].pk),
        url("give_position", house.people[Role.DEPUTY].pk),
        url("sheets"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_opens_in_every_language(
    client: Client, house: make.SmallMinistry, administrator: Any, committee: Committee, language: str
) -> None:
    administrator.language = language
    administrator.save()
    client.force_login(administrator)
    for url in pages(house, committee):
        answer = client.get(url)
        assert answer.status_code == 200, url
        page = answer.content.decode()
        assert f'lang="{language}"' in page, url
        assert "<style" not in page, url
        assert " style=" not in page, url
        assert " onclick=" not in page, url


def test_whoever_is_not_signed_in_is_asked_to(
    client: Client, house: make.SmallMinistry, committee: Committee
) -> None:
    for url in pages(house, committee):
        answer = client.get(url)
        assert answer.status_code == 302, url
        assert answer.url.startswith(reverse("account_login")), url


@pytest.mark.parametrize(
    ("name", "most"), [("list", 12), ("tree", 10), ("groups", 12), ("committees", 12), ("people", 12)]
)
def test_lists_cost_the_same_however_long_they_are(  # noqa: PLR0917 - fixtures
    client: Client,
    house: make.SmallMinistry,
    administrator: Any,
    committee: Committee,
    django_assert_max_num_queries: Any,
    name: str,
    most: int,
) -> None:
    for number in range(40):
        body = make.make_organisation(f"xx.many{number}", parent=house.ministry)
        make.make_user(Role.BODY_OFFICER, body)
        make.make_group(f"@many{number}", {"types": ["ministry"]})
        actions.establish_committee(
            None,
            organisation_id=body.pk,
            kind=CommitteeKind.OTHER,
            name=f"Committee {number}",
            mandate="m",
            established_on=date(2024, 1, 1),
        )
    client.force_login(administrator)
    with django_assert_max_num_queries(most):
        assert client.get(reverse(f"organisations:{name}")).status_code == 200


def test_the_list_finds_a_body_once_by_any_of_its_names(
    client: Client, house: make.SmallMinistry, administrator: Any
) -> None:
    make.make_name(house.ministry, "Communications House", "en")
    client.force_login(administrator)
    answer = client.get(reverse("organisations:list"), {"q": "communications"})
    rows = answer.context["table"].rows
    assert [row["code"] for row in rows].count("xx.min") == 1
    assert {row["code"] for row in rows} == {"xx.min", "xx.north.ict", "xx.south.ict"}


def test_persian_readers_see_persian_names_digits_and_direction(
    client: Client, house: make.SmallMinistry, administrator: Any
) -> None:
    administrator.language = "fa"
    administrator.save()
    house.ministry.valid_from = date(2021, 3, 21)
    house.ministry.save()
    client.force_login(administrator)
    page = client.get(reverse("organisations:organisation", args=["xx.min"])).content.decode()
    assert 'dir="rtl"' in page
    assert "وزارت ارتباطات" in page
    assert "۱۴۰۰" in page


def test_the_page_of_a_body_tells_its_succession(
    client: Client, house: make.SmallMinistry, administrator: Any
) -> None:
    client.force_login(administrator)
    answer = client.post(
        reverse("organisations:succeed", args=["xx.health"]),
        {"successor": "xx.min", "on": "2025-03-01", "kind": "merged", "note": "Decree 1"},
    )
    assert answer.status_code == 302
    page = client.get(reverse("organisations:organisation", args=["xx.health"])).content.decode()
    assert "Ministry of Communications answers from then" in page
    assert "Decree 1" in page
    page = client.get(reverse("organisations:organisation", args=["xx.min"])).content.decode()
    assert "Answers for Ministry of Health" in page


def test_a_renamed_body_keeps_its_old_name_with_dates(
    client: Client, house: make.SmallMinistry, administrator: Any
) -> None:
    client.force_login(administrator)
    url = reverse("organisations:rename", args=["xx.min"])
    version = house.ministry.version
    answer = client.post(
        url,
        {
            "version": version,
            "on": "1404/01/01",
            "name_en": "Ministry of the Digital Economy",
            "name_fa": "",
            "name_vi": "",
        },
    )
    assert answer.status_code == 302
    names = {name.text: name for name in house.ministry.names.filter(language="en", kind="official")}
    assert names["Ministry of Communications"].valid_to == date(2025, 3, 21)
    assert names["Ministry of the Digital Economy"].valid_from == date(2025, 3, 21)


def test_two_editors_at_once_lose_nothing(
    client: Client, house: make.SmallMinistry, administrator: Any
) -> None:
    client.force_login(administrator)
    url = reverse("organisations:edit", args=["xx.min"])
    seen = house.ministry.version
    first = {"version": seen, "type": "ministry", "email": "first@example.org", "attributes": ""}
    second = {"version": seen, "type": "ministry", "email": "second@example.org", "attributes": "a=1"}
    assert client.post(url, first).status_code == 302
    answer = client.post(url, second)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody changed this body while you were editing" in page
    assert "second@example.org" in page
    house.ministry.refresh_from_db()
    assert house.ministry.email == "first@example.org"
    again = {**second, "version": answer.context["form"]["version"].value()}
    assert client.post(url, again).status_code == 302
    house.ministry.refresh_from_db()
    assert (house.ministry.email, house.ministry.attributes) == ("second@example.org", {"a": 1})


def test_a_body_that_several_names_fit_is_asked_for_by_code(
    client: Client, house: make.SmallMinistry, administrator: Any
) -> None:
    client.force_login(administrator)
    url = reverse("organisations:move", args=["xx.min.it"])
    answer = client.post(url, {"version": house.it.version, "parent": "Department of Communications"})
    assert answer.status_code == 422
    assert "xx.north.ict" in answer.content.decode()
    assert client.post(url, {"version": house.it.version, "parent": "xx.health"}).status_code == 302
    house.it.refresh_from_db()
    assert house.it.path.startswith(house.health.path)


def test_a_body_cannot_move_below_itself(
    client: Client, house: make.SmallMinistry, administrator: Any
) -> None:
    client.force_login(administrator)
    url = reverse("organisations:move", args=["xx.min"])
    answer = client.post(url, {"version": house.ministry.version, "parent": "xx.min.it"})
    assert answer.status_code == 422
    assert "cannot stand below itself" in answer.content.decode()


def test_a_committee_lives_from_mandate_to_dissolution(
    client: Client, house: make.SmallMinistry, administrator: Any
) -> None:
    client.force_login(house.people[Role.PLANNING_OFFICER])
    establish = reverse("organisations:establish", args=["xx.min"])
    facts = {
        "name": "Drafting committee",
        "kind": "drafting",
        "mandate": "",
        "quorum": 50,
        "established_on": "2025-01-01",
    }
    assert client.post(establish, facts).status_code == 422
    assert client.post(establish, {**facts, "mandate": "Drafts the programmes"}).status_code == 302
    committee = Committee.objects.get()
    seat = reverse("organisations:seat", args=[committee.pk])
    deputy = house.people[Role.DEPUTY]
    assert (
        client.post(seat, {"user": deputy.email, "capacity": "chair", "valid_from": "2025-01-01"}).status_code
        == 302
    )
    assert client.post(seat, {"user": deputy.email, "capacity": "member"}).status_code == 409
    assert client.post(seat, {"office": "Governor", "capacity": "chair"}).status_code == 409
    assert client.post(seat, {"office": "Governor", "capacity": "member"}).status_code == 302
    assert client.post(seat, {"capacity": "member"}).status_code == 422
    page = client.get(reverse("organisations:committee", args=[committee.pk])).content.decode()
    assert "Governor" in page
    committee.refresh_from_db()
    dissolve = reverse("organisations:dissolve", args=[committee.pk])
    assert client.post(dissolve, {"version": committee.version, "on": "2025-12-31"}).status_code == 302
    assert client.post(seat, {"office": "Mayor", "capacity": "member"}).status_code == 409


def test_an_exception_moves_a_body_out_of_a_group(
    client: Client, house: make.SmallMinistry, administrator: Any
) -> None:
    client.force_login(administrator)
    url = reverse("organisations:group", args=["xx", "@ministries"])
    new = reverse("organisations:except_member", args=["xx", "@ministries"])
    assert (
        client.post(new, {"body": "xx.health", "included": "no", "valid_from": "2025-01-01"}).status_code
        == 302
    )
    codes = [row["code"] for row in client.get(url, {"on": "2025-06-01"}).context["table"].rows]
    assert codes == ["xx.min"]
    codes = [row["code"] for row in client.get(url, {"on": "2024-06-01"}).context["table"].rows]
    assert codes == ["xx.min", "xx.health"]


def test_a_taught_alias_is_found_at_once(client: Client, house: make.SmallMinistry) -> None:
    client.force_login(house.people[Role.PLANNING_OFFICER])
    url = reverse("organisations:teach", args=["xx.health"])
    assert client.post(url, {"text": "MoH", "language": "en"}).status_code == 302
    assert [
        row["code"] for row in client.get(reverse("organisations:list"), {"q": "moh"}).context["table"].rows
    ] == ["xx.health"]
