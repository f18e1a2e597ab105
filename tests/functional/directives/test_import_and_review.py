import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.directives import extraction as reader
from mehvar.directives.actions import imports, review
from mehvar.directives.data import ImportState
from mehvar.directives.models import ImportDocument, Measure
from mehvar.kernel.errors import InputError
from tests.factories import directives as make
from tests.factories.organisations import SmallMinistry, make_user, small_ministry

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


@pytest.fixture
def browser(house: SmallMinistry, client: Client) -> Client:
    client.force_login(house.people[Role.PLANNING_OFFICER])
    return client


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = [
        make.extraction(
            make.found_measure("1", block=0),
            make.doubtful_measure("2", block=1),
            make.found_measure("3", "First half; the second half is another task", block=2),
        )
    ]

    def read(*_: Any, **__: Any) -> Any:
        if isinstance(found[0], Exception):
            raise found[0]
        return found[0]

    monkeypatch.setattr(reader, "extract_isolated", read, raising=False)
    return found


def upload(browser: Client, data: bytes = b"words", name: str = "a.docx", **fields: Any) -> Any:
    return browser.post(
        reverse("directives:import"),
        {"file": SimpleUploadedFile(name, data), "issuer": "xx.min", **fields},
        follow=True,
    )


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_from_upload_to_the_settled_directive_without_javascript(browser: Client, reads: list[Any]) -> None:
    page = upload(browser)
    assert page.status_code == 200
    document = ImportDocument.objects.get()
    assert page.redirect_chain[-1][0] == reverse("directives:review", args=[document.public_id])
    assert "3 left" in words(page)
    assert "The name “Ofice of X” is not in the register." in words(page)
    assert "<mark>Task number 2 of the annex</mark>" in page.content.decode()

    two = Measure.objects.get(number="2")
    at = reverse("directives:review_teach", args=[document.public_id, two.public_id])
    page = browser.post(
        at, {"wording": "Ofice of X", "body": "Information Technology Organisation"}, follow=True
    )
    assert "applied to 1 row" in words(page)

    three = Measure.objects.get(number="3")
    at = reverse("directives:review_split", args=[document.public_id, three.public_id])
    browser.post(at, {"at": "11", "version": three.version}, follow=True)
    assert Measure.objects.filter(removed_at=None).count() == 4
    page = browser.post(reverse("directives:review_undo", args=[document.public_id]), follow=True)
    assert "undone" in words(page)
    assert Measure.objects.filter(removed_at=None).count() == 3

    page = browser.post(reverse("directives:review_accept_clean", args=[document.public_id]), follow=True)
    assert "3 rows accepted" in words(page)
    assert "Everything is settled" in words(page)
    page = browser.post(reverse("directives:review_finish", args=[document.public_id]), follow=True)
    assert page.status_code == 200
    assert "Good post for everyone" in words(page)
    assert "Task number 1 of the annex" in words(page)
    document.refresh_from_db()
    assert document.state == ImportState.SETTLED


def form_of(document: ImportDocument, number: str, **changes: Any) -> tuple[str, dict[str, Any]]:
    row = Measure.objects.get(number=number)
    fields = {
        "version": row.version, "number": row.number, "section": row.section, "text": row.text,
        "deliverable": row.deliverable, "due_raw": row.due_raw, "field": "Post",
        "lead": "Ofice of X" if number == "2" else "Ministry of Health",
        "coordinating": "", "overseeing": "", "monitoring": "",
    }  # fmt: skip
    return reverse("directives:review_accept", args=[document.public_id, row.public_id]), fields | changes


def test_accepting_leads_to_the_next_open_row_and_a_changed_field_is_saved(
    browser: Client, reads: list[Any]
) -> None:
    upload(browser)
    document = ImportDocument.objects.get()
    page = browser.post(
        *form_of(document, "2", lead="Ministry of Health\nMinistry of Communications"), follow=True
    )
    assert "Corrected and accepted." in words(page)
    two = Measure.objects.get(number="2")
    assert [a.organisation.code for a in two.assignments.all()] == ["xx.health", "xx.min"]  # type: ignore[union-attr]
    one = Measure.objects.get(number="1")
    assert f"row={one.public_id}" in page.redirect_chain[-1][0]
    page = browser.post(*form_of(document, "1"), follow=True)
    assert "1 left" in words(page)
    assert Measure.objects.get(number="1").review_state == "accepted"


def test_two_reviewers_see_both_versions_and_nothing_is_lost(
    browser: Client, reads: list[Any], house: SmallMinistry
) -> None:
    upload(browser)
    document = ImportDocument.objects.get()
    address, mine = form_of(document, "1", text="My own wording")
    other = make_user(Role.PLANNING_OFFICER, house.ministry, name="Second")
    row = Measure.objects.get(number="1")
    review.correct_row(other, document.public_id, row.public_id, text="Their wording")

    page = browser.post(address, mine)
    assert page.status_code == 409
    assert "Their wording" in words(page)
    assert ">\nMy own wording</textarea>" in page.content.decode()
    assert Measure.objects.get(number="1").text == "Their wording"

    again = mine | {"version": Measure.objects.get(number="1").version}
    assert f'name="version" value="{again["version"]}"' in page.content.decode()
    browser.post(address, again)
    assert Measure.objects.get(number="1").text == "My own wording"


def test_who_else_is_here_is_shown(browser: Client, reads: list[Any], house: SmallMinistry) -> None:
    upload(browser)
    document = ImportDocument.objects.get()
    second = Client()
    second.force_login(make_user(Role.PLANNING_OFFICER, house.ministry, name="Second Reviewer"))
    address = reverse("directives:review", args=[document.public_id])
    second.get(address)
    assert "Second Reviewer" in words(browser.get(address))


def test_markup_in_an_imported_text_is_shown_as_text(browser: Client, reads: list[Any]) -> None:
    attack = '<script>alert("x")</script><img src=x onerror=alert(1)>'
    reads[0] = make.extraction(
        make.found_measure(
            "1", attack, deliverable=attack, bodies=(make.unknown(attack),), flags=(make.flag(text=attack),)
        ),
        title=attack,
        goal=attack,
        declared_counts=(reader.model.DeclaredCount(attack, 3, attack),),
    )
    page = upload(browser, name='"><script>x</script>.docx')
    document = ImportDocument.objects.get()
    assert document.directive
    for address in (
        reverse("directives:review", args=[document.public_id]),
        reverse("directives:directive", args=[document.directive.public_id]),
        reverse("directives:directive_measures", args=[document.directive.public_id]),
        reverse("directives:list"),
        reverse("directives:imports"),
    ):
        page = browser.get(address)
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert "<img src=x" not in page.content.decode()
        assert "onclick" not in page.content.decode()


@pytest.mark.parametrize("name", ["a.docx", "a.exe", "a"])
def test_garbage_gives_one_clear_message_beside_the_form(
    browser: Client, reads: list[Any], name: str
) -> None:
    reads[0] = InputError("The file is broken.", code="broken-file")
    page = upload(browser, data=b"\x00\x01garbage", name=name)
    assert page.status_code == 422
    assert words(page).count("The file is broken.") >= 1
    assert ImportDocument.objects.count() == 0


def test_an_empty_file_is_refused_in_words(browser: Client, reads: list[Any]) -> None:
    page = upload(browser, data=b"")
    assert page.status_code == 422
    assert "The file is empty." in words(page)


def test_the_same_file_again_leads_to_what_is_there(browser: Client, reads: list[Any]) -> None:
    upload(browser)
    page = upload(browser)
    assert "was imported before" in words(page)
    assert ImportDocument.objects.count() == 1


def test_a_waiting_document_shows_progress_and_can_be_cancelled(
    browser: Client, reads: list[Any], house: SmallMinistry
) -> None:
    ImportDocument.objects.all().delete()
    document = queued(house)
    address = reverse("directives:import_progress", args=[document.public_id])
    page = browser.get(address)
    assert '<noscript><meta http-equiv="refresh"' in page.content.decode()
    assert "Waiting for a free reader" in words(page)
    page = browser.post(reverse("directives:import_cancel", args=[document.public_id]), follow=True)
    assert "cancelled" in words(page)
    document.refresh_from_db()
    assert document.state == ImportState.CANCELLED
    assert "Nothing of the document was kept." in words(browser.get(address))


def queued(house: SmallMinistry) -> ImportDocument:
    return imports.import_document(
        house.people[Role.PLANNING_OFFICER],
        data=b"large",
        filename="large.docx",
        pack="xx",
        issuer_id=house.ministry.pk,
        background=True,
    )


def test_a_large_document_is_read_by_the_worker_when_the_upload_is_committed(
    browser: Client, reads: list[Any], house: SmallMinistry, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        document = queued(house)
    document.refresh_from_db()
    assert document.state == ImportState.REVIEW
    address = reverse("directives:import_progress", args=[document.public_id])
    assert browser.get(address).headers["Location"].endswith("/review/")
    part = browser.get(address, headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"].endswith("/review/")


@pytest.mark.parametrize("role", [Role.PROVINCIAL_DIRECTOR, Role.BODY_OFFICER])
def test_a_draft_is_closed_to_other_bodies(
    browser: Client, reads: list[Any], house: SmallMinistry, role: Role
) -> None:
    upload(browser)
    document = ImportDocument.objects.get()
    assert document.directive
    row = Measure.objects.get(number="1")
    stranger = Client()
    stranger.force_login(house.people[role])
    directive = document.directive.public_id
    for address in (
        reverse("directives:review", args=[document.public_id]),
        reverse("directives:import_progress", args=[document.public_id]),
        reverse("directives:directive", args=[directive]),
        reverse("directives:directive_measures", args=[directive]),
        reverse("directives:measure", args=[directive, row.public_id]),
        reverse("directives:export_csv", args=[directive]),
        reverse("directives:edit", args=[directive]),
    ):
        assert stranger.get(address).status_code == 404, address
    accept = reverse("directives:review_accept", args=[document.public_id, row.public_id])
    assert stranger.post(accept, {"text": "x"}).status_code == 404
    assert stranger.get(reverse("directives:import")).status_code == 403
    listed = stranger.get(reverse("directives:list"))
    assert "Directive on good post" not in words(listed)
    assert "Task number 1" not in words(stranger.get(reverse("directives:measures")))


def test_visitors_are_asked_to_sign_in(client: Client) -> None:
    for name in ("list", "import", "imports", "measures", "duties", "new"):
        assert client.get(reverse(f"directives:{name}")).status_code == 302


@pytest.mark.parametrize(("name", "queries"), [("list", 7), ("imports", 7), ("measures", 7)])
def test_lists_need_the_same_number_of_queries_however_long_they_are(
    browser: Client, reads: list[Any], django_assert_num_queries: Any, name: str, queries: int
) -> None:
    for number in range(3):
        reads[0] = make.extraction(
            *(make.found_measure(str(n), block=n) for n in range(20)), number=f"{number}/D"
        )
        upload(browser, data=b"%d" % number)
    browser.get(reverse(f"directives:{name}"))
    with django_assert_num_queries(queries):
        assert browser.get(reverse(f"directives:{name}")).status_code == 200


@pytest.mark.parametrize("language", ["fa", "vi", "en"])
def test_the_review_page_speaks_every_language(browser: Client, reads: list[Any], language: str) -> None:
    upload(browser)
    document = ImportDocument.objects.get()
    browser.cookies["django_language"] = language
    page = browser.get(reverse("directives:review", args=[document.public_id]))
    assert f'lang="{language}"' in page.content.decode()
    assert page.status_code == 200


def test_persian_pages_count_in_persian_digits(browser: Client, reads: list[Any]) -> None:
    upload(browser)
    document = ImportDocument.objects.get()
    browser.cookies["django_language"] = "fa"
    page = browser.get(reverse("directives:review", args=[document.public_id]))
    bar = page.content.decode().split('class="review-left"')[1].split("</p>")[0]
    assert "۳" in bar
    assert not re.search(r">[^<]*[0-9]", bar)
