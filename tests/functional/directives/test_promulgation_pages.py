"""The pages from approval to the public document: officer, minister, bodies, citizens; in each language."""

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.actions import cascade
from mehvar.directives.models import Acknowledgement, Directive, Promulgation
from mehvar.directives.publication import akn
from mehvar.kernel import clock, identifiers
from tests.factories.organisations import PASSWORD, SmallMinistry, make_user, small_ministry
from tests.factories.promulgation import (
    MORNING,
    approve,
    approved_directive,
    assign,
    drafted_directive,
    officers_of_provinces,
    promulgated,
)
from tests.functional.visiting import signed_in

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "fa", "vi")
CITED = "Resolution 01/NQ-CP"


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    cache.clear()  # else many confirmations in one minute look like guessing
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


def confirmed(client: Client) -> Client:
    """Let the person confirm who they are, as the page asks before an act that cannot be undone."""
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302, words(answer)
    return client


def words(response: Any) -> str:
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text)))


def page(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"directives:{name}", args=args), query)
    assert response.status_code == 200, (name, response.status_code)
    return words(response)


def planner(house: SmallMinistry, language: str = "en") -> Client:
    return confirmed(signed_in(house.people[Role.PLANNING_OFFICER], language))


def test_gates_say_what_is_missing_and_lead_to_where_it_is_mended(house: SmallMinistry) -> None:
    directive = drafted_directive(house)
    directive.measures.filter(number="1").update(outcome_indicator="")
    assign(directive.measures.get(number="1"), "coordinating", name="Office that nobody knows")
    approve(directive)
    client = planner(house)
    response = client.get(reverse("directives:promulgation", args=[directive.public_id]))
    shown = words(response)
    assert "Measures without an outcome that people feel" in shown
    assert "1 missing" in shown
    assert "Every proposal has its answer" in shown
    assert "Office that nobody knows" in shown
    assert "5 bodies are given 7 assignments" in shown
    mending = reverse(
        "directives:measure_edit", args=[directive.public_id, directive.measures.get(number="1").public_id]
    )
    assert f'href="{mending}#id_outcome_indicator"' in response.content.decode()
    assert "Continue to promulgation" not in shown
    refused = client.post(
        reverse("directives:promulgate", args=[directive.public_id]),
        {"number": "1", "version": directive.version},
    )
    assert refused.status_code == 302
    assert Promulgation.objects.count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_officer_promulgates_after_confirming(house: SmallMinistry, language: str) -> None:
    directive = approved_directive(house, language=language, cites=[CITED])
    client = planner(house, language)
    shown = page(client, "promulgation", directive.public_id)
    assert "2026/001" in html.unescape(
        client.get(reverse("directives:promulgation", args=[directive.public_id])).content.decode()
    )
    assert directive.title in shown
    preview = client.get(reverse("directives:promulgation_preview", args=[directive.public_id]))
    assert preview.content.startswith(b"%PDF")
    assert "no-store" in preview["Cache-Control"]
    confirm = client.get(reverse("directives:promulgate", args=[directive.public_id]), {"number": "2026/042"})
    assert 'value="2026/042"' in confirm.content.decode()
    done = client.post(
        reverse("directives:promulgate", args=[directive.public_id]),
        {"number": "2026/042", "version": directive.version},
        follow=True,
    )
    made = Promulgation.objects.get()
    assert made.number == "2026/042"
    assert f"/d/{made.short_code}/" in words(done)
    assert (
        client.get(reverse("directives:promulgation_preview", args=[directive.public_id])).status_code == 404
    )


def test_who_has_not_confirmed_is_asked_first(house: SmallMinistry) -> None:
    approved = approved_directive(house)
    made = promulgated(house, number="2026/005").directive
    client = signed_in(house.people[Role.PLANNING_OFFICER])
    for name, directive in (("promulgate", approved), ("modify", made)):
        answer = client.post(
            reverse(f"directives:{name}", args=[directive.public_id]),
            {"number": "1", "kind": "withdrawn", "reason": "r", "version": directive.version},
        )
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert set(Directive.objects.values_list("state", flat=True)) == {"approved", "promulgated"}


def test_a_taken_number_is_said_beside_the_field(house: SmallMinistry) -> None:
    promulgated(house, number="2026/001")
    directive = approved_directive(house, title="Second")
    answer = planner(house).post(
        reverse("directives:promulgate", args=[directive.public_id]),
        {"number": "2026/001", "version": directive.version},
    )
    assert "The number 2026/001 is taken already." in words(answer)
    assert Promulgation.objects.count() == 1


@pytest.mark.parametrize("role", [Role.BODY_OFFICER, Role.PROVINCIAL_DIRECTOR, Role.DEPUTY, Role.AUDITOR])
def test_others_do_not_reach_the_act(house: SmallMinistry, role: Role) -> None:
    directive = approved_directive(house)
    client = signed_in(house.people[role])
    for answer in (
        client.get(reverse("directives:promulgate", args=[directive.public_id])),
        client.post(
            reverse("directives:promulgate", args=[directive.public_id]), {"number": "1", "version": 1}
        ),
        client.get(reverse("directives:modify", args=[directive.public_id])),
    ):
        assert answer.status_code in {403, 404}
    assert Promulgation.objects.count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_citizens_read_and_check_it_without_signing_in(house: SmallMinistry, language: str) -> None:
    made = promulgated(house, cites=[CITED])
    client = Client(headers={"accept-language": language})
    public = client.get(f"/d/{made.short_code}/")
    assert public.status_code == 200
    shown = words(public)
    for expected in (
        "Directive 2026/001",
        "Industry becomes smart.",
        CITED,
        "Ministry of Health",
        "plant group 2",
    ):
        assert expected in shown
    assert "style=" not in public.content.decode().replace("stylesheet", "")
    found = words(client.get(f"/d/{made.short_code}/", {"q": "GROUP 3"}))
    assert "plant group 3" in found
    assert "plant group 1" not in found
    of_body = words(client.get(f"/d/{made.short_code}/", {"body": "xx.health"}))
    assert "plant group 1" in of_body
    assert "plant group 2" not in of_body
    proof = words(client.get(f"/d/{made.short_code}/verify/"))
    for figure in (made.pdf_sha256, made.xml_sha256, made.content_hash, made.certificate_sha256):
        assert figure in proof
    assert client.get(f"/d/{made.short_code}").status_code == 301
    assert client.get("/d/nothing/").status_code == 404


def test_downloads_are_the_very_bytes_with_honest_headers(house: SmallMinistry) -> None:
    made = promulgated(house)
    client = Client()
    pdf = client.get(f"/d/{made.short_code}/directive.pdf")
    content = b"".join(pdf)  # type: ignore[arg-type]
    assert hashlib.sha256(content).hexdigest() == made.pdf_sha256
    assert pdf["Content-Type"] == "application/pdf"
    assert 'inline; filename="2026-001.pdf"' in pdf["Content-Disposition"]
    assert "immutable" in pdf["Cache-Control"]
    xml = client.get(f"/d/{made.short_code}/directive.akn.xml")
    assert hashlib.sha256(xml.content).hexdigest() == made.xml_sha256
    assert akn.schema_complaints(xml.content) == []
    text = client.get(f"/d/{made.short_code}/directive.json")
    assert hashlib.sha256(text.content).hexdigest() == made.content_hash
    assert text.content == identifiers.canonical_json(text.json())
    again = client.get(f"/d/{made.short_code}/directive.pdf", headers={"if-none-match": pdf["ETag"]})
    assert again.status_code == 304


def upload(content: bytes, name: str = "held.pdf", language: str = "en") -> Any:
    return Client(headers={"accept-language": language}).post(
        reverse("directives:check_document"), {"document": SimpleUploadedFile(name, content)}
    )


def test_a_held_document_is_judged(house: SmallMinistry) -> None:
    made = promulgated(house)
    with made.pdf.open("rb") as stored:
        pdf = stored.read()
    same = words(upload(pdf))
    assert "This is the document that was promulgated" in same
    assert "2026/001" in same
    assert "This is the document that was promulgated" in words(upload(made.xml.encode(), "a.xml"))
    assert "This document was changed" in words(upload(pdf + b"\n% added\n"))
    middle = len(pdf) // 3
    altered = pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :]
    assert "This document was changed" in words(upload(altered))
    assert "does not come from here" in words(upload(b"%PDF-1.7 nothing"))
    empty = upload(b"")
    assert empty.status_code == 422
    assert "The document is empty." in words(empty)


def test_a_good_signature_over_something_else_is_not_a_promulgation(house: SmallMinistry) -> None:
    from mehvar.directives.publication import signing
    from mehvar.directives.queries import promulgation as queries

    directive = approved_directive(house)
    draft = queries.draft_document(directive, number="2026/009", day=MORNING.date())
    signed = signing.sign_pdf(draft, queries.signing_key(), reason="practice")
    assert "Signed here, but not a promulgated directive" in words(upload(signed))
    assert "does not come from here" in words(upload(draft))


def test_a_document_beyond_the_limit_is_refused(
    house: SmallMinistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mehvar.directives.queries import promulgation as queries

    monkeypatch.setattr(queries, "LARGEST_DOCUMENT", 1024 * 1024)
    answer = upload(b"%PDF" + b"0" * (1024 * 1024))
    assert answer.status_code == 422
    assert "larger than 1 MB" in words(answer)


def test_a_body_acknowledges_once_with_what_it_must_confirm(house: SmallMinistry) -> None:
    made = promulgated(house, cites=[CITED])
    officer = signed_in(house.people[Role.BODY_OFFICER])
    shown = page(officer, "inbox")
    assert "2026/001" in shown
    assert CITED in shown
    assert "7 days left" in shown
    row = Acknowledgement.objects.get(organisation=house.health)
    address = reverse("directives:acknowledge", args=[made.directive.public_id])
    prefix = made.directive.public_id
    refused = officer.post(address, {f"{prefix}-chosen": [row.pk], f"{prefix}-note": ""})
    assert refused.status_code == 422
    assert "Confirm that the cited documents were disseminated in your body." in words(refused)
    done = officer.post(
        address,
        {f"{prefix}-chosen": [row.pk], f"{prefix}-note": "Begins in June.", f"{prefix}-disseminated": "on"},
        follow=True,
    )
    assert "Acknowledged for 1 body." in words(done)
    row.refresh_from_db()
    assert (row.acknowledged_by, row.disseminated, row.note) == (
        house.people[Role.BODY_OFFICER],
        True,
        "Begins in June.",
    )
    twice = officer.post(address, {f"{prefix}-chosen": [row.pk]}, follow=True)
    assert "Nothing is left to acknowledge there." in words(twice)


def test_who_acts_for_several_bodies_acknowledges_for_all_at_once(house: SmallMinistry) -> None:
    made = promulgated(house)
    somebody = make_user(Role.PROVINCIAL_DIRECTOR, house.north)
    client = signed_in(somebody)
    shown = page(client, "inbox")
    assert "North" in shown
    rows = list(Acknowledgement.objects.filter(organisation__in=[house.north, house.north_ict]))
    assert len(rows) == 2
    prefix = made.directive.public_id
    answer = client.post(
        reverse("directives:acknowledge", args=[prefix]),
        {f"{prefix}-chosen": [row.pk for row in rows], f"{prefix}-note": ""},
        follow=True,
    )
    assert "Acknowledged for 2 bodies." in words(answer)
    assert Acknowledgement.objects.filter(acknowledged_at__isnull=False).count() == 2


def test_the_list_of_assignments_is_filtered_and_exported(
    house: SmallMinistry, django_assert_num_queries: Any
) -> None:
    promulgated(house)
    north, _south = officers_of_provinces(house)
    client = signed_in(north)
    with django_assert_num_queries(13):
        shown = page(client, "assignments")
    assert "plant group 2" in shown
    assert "Department of Communications of North" in shown
    assert "South" not in shown
    only = page(client, "assignments", role="coordinating")
    assert "plant group 1" in only
    assert "plant group 2" not in only
    assert "plant group 3" in page(client, "assignments", q="department")
    exported = client.get(reverse("directives:assignments"), {"export": "csv"})
    rows = b"".join(exported).decode("utf-8-sig").strip().splitlines()  # type: ignore[arg-type]
    assert len(rows) == 4


def test_coverage_counts_by_province_and_reminds(
    house: SmallMinistry, django_assert_num_queries: Any
) -> None:
    made = promulgated(house)
    north, _south = officers_of_provinces(house)
    cascade.acknowledge(north, Acknowledgement.objects.get(organisation=house.north).pk)
    client = planner(house)
    with django_assert_num_queries(13):
        shown = page(client, "coverage", made.directive.public_id)
    assert "4 of 5 bodies have not acknowledged yet." in shown
    for name in ("Ministry of Health", "North", "South", "Department of Communications of North"):
        assert name in shown
    north_only = page(client, "coverage", made.directive.public_id, province="xx.north")
    assert "Ministry of Health" not in north_only
    assert "Ministry of Health" in page(client, "coverage", made.directive.public_id, province="elsewhere")
    reminded = client.post(
        reverse("directives:coverage_remind", args=[made.directive.public_id]), follow=True
    )
    assert "4 bodies were reminded." in words(reminded)
    again = client.post(reverse("directives:coverage_remind", args=[made.directive.public_id]), follow=True)
    assert "Nobody was left to remind today." in words(again)
    exported = client.get(
        reverse("directives:coverage", args=[made.directive.public_id]),
        {"export": "csv", "standing": "on_time"},
    )
    assert len(b"".join(exported).decode("utf-8-sig").strip().splitlines()) == 2  # type: ignore[arg-type]


def test_a_provincial_director_sees_the_own_province_only(house: SmallMinistry) -> None:
    made = promulgated(house)
    officers_of_provinces(house)
    south = Acknowledgement.objects.get(organisation=house.south)
    cascade.acknowledge(User.objects.get(name="south officer"), south.pk, note="Secret of the south")
    prefix = made.directive.public_id
    client = signed_in(User.objects.get(name="north officer"))
    places = [
        ("coverage", (prefix,), {}),
        ("coverage", (prefix,), {"province": "xx.south"}),
        ("coverage", (prefix,), {"province": "elsewhere"}),
        ("coverage", (prefix,), {"q": "South"}),
        ("inbox", (), {}),
        ("assignments", (), {}),
        ("assignments", (), {"directive": prefix}),
    ]
    for name, args, query in places:
        shown = page(client, name, *args, **query)
        for leak in ("Secret of the south", "Ministry of Health", "of South", "south officer"):
            assert leak not in shown, (name, query, leak)
    exported = client.get(reverse("directives:coverage", args=[prefix]), {"export": "csv"})
    rows = b"".join(exported).decode("utf-8-sig")  # type: ignore[arg-type]
    assert "North" in rows
    assert "South" not in rows
    stolen = client.post(
        reverse("directives:acknowledge", args=[prefix]),
        {f"{prefix}-chosen": [south.pk], f"{prefix}-note": "x"},
    )
    assert stolen.status_code == 422
    reminded = client.post(reverse("directives:coverage_remind", args=[prefix]), follow=True)
    assert "2 bodies were reminded." in words(reminded)
    officer = signed_in(house.people[Role.BODY_OFFICER])
    assert officer.get(reverse("directives:coverage", args=[prefix])).status_code == 403


def test_a_withdrawal_is_said_plainly_to_everyone(house: SmallMinistry) -> None:
    made = promulgated(house)
    client = planner(house)
    address = reverse("directives:modify", args=[made.directive.public_id])
    directive = Directive.objects.get(pk=made.directive_id)
    without = client.post(address, {"kind": "withdrawn", "reason": "", "version": directive.version})
    assert "Please state the reason." in words(without)
    client.post(
        address,
        {"kind": "withdrawn", "reason": "The law changed.", "version": directive.version},
        follow=True,
    )
    public = words(Client().get(f"/d/{made.short_code}/"))
    assert "Withdrawn: not in force any more" in public
    assert "The law changed." in public
    assert page(signed_in(house.people[Role.BODY_OFFICER]), "inbox").count("2026/001") <= 2
    with made.pdf.open("rb") as stored:
        checked = words(upload(stored.read()))
    assert "This is the document that was promulgated" in checked
    assert "Withdrawn: not in force any more" in checked


def test_a_superseded_directive_leads_to_the_one_in_force(house: SmallMinistry) -> None:
    older, newer = promulgated(house, number="2026/001"), promulgated(house, number="2026/002")
    directive = Directive.objects.get(pk=older.directive_id)
    address = reverse("directives:modify", args=[directive.public_id])
    client = planner(house)
    unchosen = client.post(address, {"kind": "superseded", "by": "", "version": directive.version})
    assert "Choose the directive that does it." in words(unchosen)
    client.post(
        address,
        {"kind": "superseded", "by": newer.directive.public_id, "reason": "", "version": directive.version},
    )
    public = Client().get(f"/d/{older.short_code}/")
    assert "Superseded: another directive is in force in its place" in words(public)
    assert f'href="/d/{newer.short_code}/"' in public.content.decode()
    assert "It takes the place of" in words(Client().get(f"/d/{newer.short_code}/"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_renders_in_every_language(house: SmallMinistry, language: str) -> None:
    made = promulgated(house, cites=[CITED])
    officers_of_provinces(house)
    with clock.fixed(MORNING + timedelta(days=9)):
        client = planner(house, language)
        for name, args in (
            ("promulgation", (made.directive.public_id,)),
            ("modify", (made.directive.public_id,)),
            ("coverage", (made.directive.public_id,)),
            ("coverage_remind", (made.directive.public_id,)),
        ):
            page(client, name, *args)
        north = signed_in(User.objects.get(name="north officer"), language)
        page(north, "inbox")
        page(north, "assignments")
        page(Client(headers={"accept-language": language}), "check_document")


def test_the_plain_step_cannot_withdraw_what_is_in_force(house: SmallMinistry) -> None:
    made = promulgated(house)
    address = reverse("directives:step", args=[made.directive.public_id, "withdraw"])
    answer = planner(house).post(address, {"reason": "Quietly.", "version": made.directive.version})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("directives:modify", args=[made.directive.public_id])
    assert Directive.objects.get(pk=made.directive_id).state == "promulgated"
