"""Spreadsheets: what goes out comes in again; what is wrong is told by row and column; all or nothing."""

import csv
import io
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.ledger.models import Entry
from mehvar.organisations.actions.sheets import planning
from mehvar.organisations.models import Organisation, OrganisationName, Position
from mehvar.organisations.rules import sheets
from tests.factories import organisations as make

pytestmark = pytest.mark.django_db

HEAD = "code,parent,type,name_fa,name_vi,name_en,valid_from,valid_to,email,attributes\n"


@pytest.fixture
def house() -> make.SmallMinistry:
    return make.small_ministry()


@pytest.fixture
def admin(client: Client, house: make.SmallMinistry) -> Client:
    client.force_login(make.make_user(is_superuser=True))
    return client


def hand_in(
    client: Client, content: bytes | str, kind: str = "organisations", name: str = "sheet.csv"
) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(
        reverse("organisations:sheets"), {"kind": kind, "file": SimpleUploadedFile(name, raw)}, follow=True
    )


def take_over(client: Client, handed_in: Any) -> Any:
    return client.post(handed_in.request["PATH_INFO"], follow=True)


def workbook(*rows: tuple[Any, ...]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return target.getvalue()


@pytest.mark.parametrize("kind", ["organisations", "names", "positions"])
@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_an_export_handed_in_again_changes_nothing(admin: Client, kind: str, extension: str) -> None:
    exported = admin.get(reverse("organisations:export", args=[kind, extension])).content
    page = hand_in(admin, exported, kind, f"sheet.{extension}")
    assert not page.context["errors"]
    assert not page.context["changes"]


def test_a_sheet_creates_and_updates_after_its_preview_and_not_before(admin: Client) -> None:
    content = HEAD + (
        "xx.new,xx,ministry,وزارت نو,Bộ mới,New Ministry,۱۴۰۴/۰۱/۰۱,,new@example.org,industrial=yes; rank=۲\n"
        "xx.new.a,xx.new,department,,,Department A,,,,\n"
        "xx.health,xx,ministry,,Bộ Y tế,Ministry of Public Health,,,,\n"
    )
    page = hand_in(admin, content)
    assert not page.context["errors"]
    assert [(change.row, change.kind) for change in page.context["changes"]] == [
        (2, "create"),
        (3, "create"),
        (4, "update"),
    ]
    assert not Organisation.objects.filter(code="xx.new").exists()
    take_over(admin, page)
    made = Organisation.objects.get(code="xx.new")
    assert made.valid_from.isoformat() == "2025-03-21"
    assert made.attributes == {"industrial": True, "rank": 2}
    assert Organisation.objects.get(code="xx.new.a").path.startswith(made.path)
    assert Organisation.objects.get(code="xx.health").name_en == "Ministry of Public Health"
    assert Entry.objects.filter(action="sheet.taken-over").count() == 1
    assert "taken over already" in admin.get(page.request["PATH_INFO"], follow=True).content.decode()


def test_each_wrong_cell_is_told_by_row_and_column_and_nothing_is_written(admin: Client) -> None:
    content = HEAD + (
        "xx.good,xx,ministry,,,Good,,,,\n"
        "Bad Code,xx,ministry,,,Bad,,,,\n"
        "xx.b,xx,kingdom,,,B,,,,\n"
        "xx.c,nowhere,ministry,,,C,,,,\n"
        "xx.d,xx,ministry,,,D,yesterday,,,\n"
        "xx.e,xx,ministry,,,E,2025-02-01,2025-01-01,,\n"
        "xx.f,xx,ministry,,,,,,,\n"
        "xx.g,xx,ministry,,,G,,,not-an-address,\n"
        "xx.h,xx,ministry,,,H,,,,nonsense\n"
        "xx.good,xx,ministry,,,Again,,,,\n"
        "xx.min.it,xx,department,,,Moved,,,,\n"
    )
    page = hand_in(admin, content)
    found = {(error["row"], error["column"]) for error in page.context["errors"]}
    assert found == {
        (3, "code"), (4, "type"), (5, "parent"), (6, "valid_from"), (7, "valid_to"), (8, "name_en"), (9, "email"),
        (10, "attributes"), (11, "code"), (12, "parent"),
    }  # fmt: skip
    assert not page.context["may_commit"]
    answer = take_over(admin, page)
    assert answer.status_code == 422
    assert not Organisation.objects.filter(code="xx.good").exists()


def test_numbers_of_a_workbook_are_not_taken_for_fractions(admin: Client) -> None:
    content = workbook(
        ("code", "parent", "type", "name_en", "attributes"), (2025.0, "xx", "department", 112.0, "rank=3")
    )
    page = hand_in(admin, content, name="sheet.xlsx")
    assert not page.context["errors"]
    take_over(admin, page)
    assert Organisation.objects.get(code="2025").name_en == "112"


def test_columns_are_found_by_name_in_any_order_and_left_out_ones_stay(admin: Client) -> None:
    Organisation.objects.filter(code="xx.min").update(email="kept@example.org")
    page = hand_in(admin, "type;code;name_vi\nministry;xx.min;Bộ Khoa học\n")
    take_over(admin, page)
    ministry = Organisation.objects.get(code="xx.min")
    assert (ministry.name_vi, ministry.email) == ("Bộ Khoa học", "kept@example.org")


def test_missing_unknown_and_double_columns_are_named(admin: Client) -> None:
    page = hand_in(admin, "code,colour,code\nxx.a,red,xx.b\n")
    found = {(error["row"], error["column"]) for error in page.context["errors"]}
    assert found == {(1, "type"), (1, "colour"), (1, "code")}


def test_names_are_added_dated_and_left_alone(admin: Client, house: make.SmallMinistry) -> None:
    make.make_name(house.health, "MoH", "en", valid_from=None)
    content = (
        "organisation,text,language,kind,valid_from,valid_to\n"
        "xx.health,MoH,en,alias,,2025-01-01\n"
        "xx.health,Bộ Y tế,vi,official,,\n"
        "xx.health,Y tế,vi,abbreviation,,\n"
    )
    page = hand_in(admin, content, "names")
    assert [(change.row, change.kind) for change in page.context["changes"]] == [(2, "update"), (4, "create")]
    take_over(admin, page)
    assert OrganisationName.objects.get(text="MoH").valid_to.isoformat() == "2025-01-01"
    assert OrganisationName.objects.filter(organisation=house.health, text="Y tế").exists()


def test_positions_invite_whoever_has_no_account(
    admin: Client, house: make.SmallMinistry, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    known = house.people[Role.DEPUTY].email
    content = (
        "email,name,language,organisation,role,title,valid_from,valid_to\n"
        f"{known},,,xx.health,auditor,,2025-01-01,\n"
        "fresh@example.org,Fresh Person,vi,xx.health,body_officer,Clerk,2025-01-01,\n"
        "nameless@example.org,,,xx.health,body_officer,,2025-01-01,\n"
    )
    page = hand_in(admin, content, "positions")
    assert [(error["row"], error["column"]) for error in page.context["errors"]] == [(4, "name")]
    page = hand_in(admin, "\n".join(content.splitlines()[:3]), "positions")
    with django_capture_on_commit_callbacks(execute=True):
        take_over(admin, page)
    fresh = User.objects.get(email="fresh@example.org")
    assert Position.objects.get(user=fresh).title == "Clerk"
    assert [mail.to for mail in mailoutbox] == [["fresh@example.org"]]
    assert Position.objects.filter(user__email=known, role="auditor").exists()


def test_a_province_administrators_sheet_reaches_no_other_province(
    client: Client, house: make.SmallMinistry
) -> None:
    client.force_login(make.make_user(Role.ADMINISTRATOR, house.north))
    exported = client.get(reverse("organisations:export", args=["organisations", "csv"])).content.decode(
        "utf-8-sig"
    )
    assert {row["code"] for row in csv.DictReader(io.StringIO(exported))} == {"xx.north", "xx.north.ict"}
    content = HEAD + (
        "xx.south,xx,province,,,South renamed,,,,\nxx.new,,ministry,,,New,,,,\nxx.new2,xx.south,other,,,N,,,,\n"
    )
    page = hand_in(client, content)
    assert {(error["row"], error["column"]) for error in page.context["errors"]} == {
        (2, "code"),
        (3, "parent"),
        (4, "parent"),
    }


def test_a_sheet_belongs_to_who_handed_it_in(admin: Client) -> None:
    page = hand_in(admin, HEAD)
    other = Client()
    other.force_login(make.make_user(is_superuser=True))
    assert other.get(page.request["PATH_INFO"]).status_code == 404


def test_a_formula_leaves_as_text_and_comes_back_as_it_was(admin: Client, house: make.SmallMinistry) -> None:
    make.make_name(house.health, "=HYPERLINK(1)", "en")
    exported = admin.get(reverse("organisations:export", args=["names", "csv"])).content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in exported
    page = hand_in(admin, exported, "names")
    assert not page.context["changes"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The submitted file is empty."),
        (b"\n\n", "The file is empty."),
        ("code,type\nxx.é,ministry\n".encode("latin-1"), "not UTF-8"),
        (b"PK\x03\x04 cut off", "broken or cut off"),
        (workbook(("code", "type"))[:900], "broken or cut off"),
        (b"\x00\x01\x02\x03", "neither CSV nor XLSX"),
        (b"code,type\n" + b"a,ministry\n" * (sheets.MAX_ROWS + 1), "more than 50000 rows"),
        (b"x" * (sheets.MAX_BYTES + 1), "larger than 5 MB"),
    ],
    ids=["nothing", "blank", "latin-1", "not-a-zip", "cut-off", "binary", "too-many-rows", "too-large"],
)
def test_a_bad_file_gets_one_clear_message_and_leaves_nothing(
    admin: Client, content: bytes, told: str
) -> None:
    answer = hand_in(admin, content)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert Organisation.objects.count() == 9


def test_too_many_changes_at_once_are_refused_so_that_others_need_not_wait(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "MAX_CHANGES", 2)
    page = hand_in(
        admin, "code,type,name_en,parent\n" + "".join(f"xx.n{i},other,N{i},xx\n" for i in range(3))
    )
    assert "More than 2 rows change something. Split the file." in page.content.decode()
    assert not page.context["may_commit"]


def test_utf_16_as_spreadsheets_write_it_is_read(admin: Client) -> None:
    page = hand_in(admin, "code\ttype\tname_en\tparent\nxx.t\tother\tT\txx\n".encode("utf-16"))
    assert [change.label for change in page.context["changes"]] == ["xx.t"]
