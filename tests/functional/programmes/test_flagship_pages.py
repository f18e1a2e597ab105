"""The flagship register: criteria, three languages, listing, order, presentation, book; only its keepers change it."""

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.kernel import errors
from mehvar.ledger import queries as ledger
from mehvar.programmes.actions import flagships
from mehvar.programmes.models import Flagship
from tests.factories.organisations import SmallMinistry, small_ministry
from tests.functional.visiting import signed_in

pytestmark = pytest.mark.django_db

NAMES = {"fa": "شاهکار شمال", "vi": "Dự án miền Bắc", "en": "The Northern Project"}
CRITERIA = {"drives_others": "Ten follow.", "people_feel": "Queues end.", "repeatable": "Anywhere."}


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


def full_sheet() -> dict[str, dict[str, str]]:
    return {
        code: {"name": name, "summary": f"{name} 1", "people_feel": f"{name} 2"}
        for code, name in NAMES.items()
    }


def drafted(house: SmallMinistry, title: str = "North") -> Flagship:
    keeper = house.people[Role.PLANNING_OFFICER]
    return flagships.draft_flagship(keeper, title=title, mark="driver", criteria=CRITERIA, sheet=full_sheet())


def test_only_complete_sheets_are_listed(house: SmallMinistry) -> None:
    keeper = house.people[Role.PLANNING_OFFICER]
    sheet = full_sheet()
    del sheet["vi"]
    row = flagships.draft_flagship(keeper, title="North", mark="driver", criteria=CRITERIA, sheet=sheet)
    with pytest.raises(errors.Conflict, match="3 entries are missing"):
        flagships.list_flagship(keeper, row.public_id, version=1)
    with pytest.raises(errors.Conflict):
        flagships.change_flagship(
            keeper, row.public_id, version=9, title="N", mark="driver", criteria=CRITERIA, sheet=full_sheet()
        )
    row = flagships.change_flagship(
        keeper, row.public_id, version=1, title="North", mark="driver", criteria=CRITERIA, sheet=full_sheet()
    )
    row = flagships.list_flagship(keeper, row.public_id, version=2)
    assert row.listed_at is not None
    public = ledger.history_of("flagship", row.public_id).object_list
    assert [entry.action for entry in public] == ["flagship.list"]
    with pytest.raises(errors.Conflict):
        flagships.change_flagship(
            keeper, row.public_id, version=3, title="N", mark="driver", criteria={}, sheet=full_sheet()
        )
    with pytest.raises(errors.InputError):
        flagships.unlist_flagship(keeper, row.public_id, version=3, reason=" ")
    assert flagships.unlist_flagship(keeper, row.public_id, version=3, reason="Stopped.").listed_at is None


def test_order_and_permissions(house: SmallMinistry) -> None:
    first, second = drafted(house, "One"), drafted(house, "Two")
    keeper = house.people[Role.PUBLIC_RELATIONS]
    flagships.move_flagship(keeper, second.public_id, places=-1)
    assert list(Flagship.objects.values_list("title", flat=True)) == ["Two", "One"]
    for role in (Role.BODY_OFFICER, Role.PROVINCIAL_DIRECTOR, Role.ADMINISTRATOR):
        with pytest.raises(errors.NotFound):
            flagships.list_flagship(house.people[role], first.public_id, version=1)
        client = signed_in(house.people[role])
        assert client.get(reverse("programmes:flagship_register")).status_code == 403
        assert client.get(reverse("programmes:flagship_edit", args=[first.public_id])).status_code == 404
        assert client.post(reverse("programmes:flagship_act", args=[first.public_id])).status_code == 404
        with pytest.raises(errors.NotPermitted):
            flagships.draft_flagship(house.people[role], title="Mine", mark="driver")


def test_pages_and_book_in_three_languages(house: SmallMinistry, django_assert_num_queries: object) -> None:
    keeper = signed_in(house.people[Role.PLANNING_OFFICER])
    fields = {f"{code}_{name}": text for code, one in full_sheet().items() for name, text in one.items()}
    given = {"title": "North", "mark": "driver", "programme": "", **CRITERIA, **fields}
    assert keeper.post(reverse("programmes:flagship_new"), {**given, "mark": ""}).status_code == 422
    assert keeper.post(reverse("programmes:flagship_new"), given).status_code == 302
    row = Flagship.objects.get()
    address = reverse("programmes:flagship", args=[row.public_id])
    everyone = Client()
    assert everyone.get(address).status_code == 404  # a draft is nobody's business
    assert (
        "شاهکار شمال"
        in keeper.get(reverse("programmes:flagship_edit", args=[row.public_id])).content.decode()
    )
    act = reverse("programmes:flagship_act", args=[row.public_id])
    keeper.post(act, {"act": "list", "version": row.version})
    assert keeper.get(reverse("programmes:flagship_register")).status_code == 200
    for code, name in NAMES.items():
        everyone.cookies["django_language"] = code
        assert name in everyone.get(address, headers={"accept-language": code}).content.decode()
        for page in ("flagships", "flagships_present"):
            with django_assert_num_queries(1):  # type: ignore[operator]
                assert name in everyone.get(reverse(f"programmes:{page}")).content.decode()
        made = everyone.get(reverse("programmes:flagships_book"), {"language": code})
        text = "\n".join(leaf.get_textpage().get_text_range() for leaf in pypdfium2.PdfDocument(made.content))
        assert name.split()[-1] in text.replace("\r\n", " ")
    assert (
        'rel="next"'
        not in everyone.get(reverse("programmes:flagships_present"), {"slide": "99"}).content.decode()
    )
    assert keeper.get(reverse("programmes:flagship_unlist", args=[row.public_id])).status_code == 200
