import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.actions import alignment, duties, lifecycle, measures
from mehvar.directives.models import AlignmentGoal, Directive, Measure, Provision
from mehvar.directives.queries import content as contents
from mehvar.directives.rules.lifecycle import Step
from tests.factories import directives as make
from tests.factories.organisations import SmallMinistry, make_user, small_ministry

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


@pytest.fixture
def officer(house: SmallMinistry) -> User:
    return house.people[Role.PLANNING_OFFICER]


@pytest.fixture
def browser(officer: User, client: Client) -> Client:
    client.force_login(officer)
    return client


@pytest.fixture
def draft(officer: User) -> Directive:
    return make.make_directive(officer, title="Leap of production")


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def at(name: str, directive: Directive, *more: Any) -> str:
    return reverse(f"directives:{name}", args=[directive.public_id, *more])


def measure_fields(**changes: Any) -> dict[str, Any]:
    empty = dict.fromkeys(
        (
            "number",
            "section",
            "deliverable",
            "outcome_indicator",
            "lead",
            "coordinating",
            "overseeing",
            "monitoring",
        ),
        "",
    )
    return empty | {"due_raw": "", "provision": "", "priority": "normal", "text": "Do it"} | changes


def test_a_directive_is_written_by_hand_from_title_to_task(browser: Client, house: SmallMinistry) -> None:
    page = browser.post(
        reverse("directives:new"), {"title": "Good post", "issuer": "xx.min", "language": "en"}, follow=True
    )
    directive = Directive.objects.get()
    assert page.redirect_chain[-1][0] == at("edit", directive)

    head = {
        "version": directive.version, "title": "Good post for all", "kind": "directive", "number": "",
        "goal": "Post in every village", "motto": "Near", "legal_basis": "", "role_statement": "", "theme": "",
        "dated_on": "۱۴۰۵/۱/۱", "effective_on": "", "acknowledge_within_days": "7",
    }  # fmt: skip
    page = browser.post(at("edit", directive), head, follow=True)
    directive.refresh_from_db()
    assert (directive.title, directive.dated_on) == ("Good post for all", date(2026, 3, 21))

    page = browser.post(at("edit", directive), head | {"title": "Stale"}, follow=True)
    assert page.status_code == 422
    assert "Somebody changed the directive" in words(page)
    directive.refresh_from_db()
    assert directive.title == "Good post for all"

    browser.post(
        at("provision_new", directive), {"kind": "article", "number": "1", "heading": "Post", "text": ""}
    )
    clause = Provision.objects.get()
    fields = measure_fields(
        text="Open 100 offices", lead="Ministry of Health\nministries", due_raw="6/2026", provision=clause.public_id,
        outcome_indicator="Hours to the next office",
    )  # fmt: skip
    page = browser.post(at("measure_new", directive), fields, follow=True)
    assert "By 30 June 2026" in words(page) or "to 30 June 2026" in words(page)
    measure = contents.content_of(directive.pk)["measures"][0]
    assert [body["code"] for body in measure["assignments"]["lead"]] == ["xx.health", "@ministries"]
    assert measure["provision"] == clause.public_id
    assert measure["due"]["end"] == "2026-06-30"

    page = browser.get(at("directive", directive))
    assert "Open 100 offices" in words(page)
    assert "Hours to the next office" in words(page)


def test_a_deadline_that_cannot_be_read_is_refused_beside_its_field(
    browser: Client, draft: Directive
) -> None:
    page = browser.post(at("measure_new", draft), measure_fields(due_raw="when pigs fly"))
    assert page.status_code == 422
    assert "cannot be read as a deadline" in words(page)
    assert Measure.objects.count() == 0


def test_two_editors_of_one_task_lose_nothing(
    browser: Client, draft: Directive, officer: User, house: SmallMinistry
) -> None:
    task = make.make_measure(officer, draft, text="Old")
    other = make_user(Role.PLANNING_OFFICER, house.ministry)
    measures.edit_measure(other, task.public_id, text="Theirs")
    page = browser.post(
        at("measure_edit", draft, task.public_id), measure_fields(text="Mine", version=task.version)
    )
    assert page.status_code == 409
    assert "Theirs" in words(page)
    assert ">\nMine</textarea>" in page.content.decode()
    task.refresh_from_db()
    assert task.text == "Theirs"


def test_clauses_are_moved_and_deleted_with_undo(browser: Client, draft: Directive) -> None:
    for number in ("1", "2", "3"):
        browser.post(
            at("provision_new", draft), {"kind": "article", "number": number, "text": f"Text {number}"}
        )
    two = Provision.objects.get(number="2")

    def tree() -> list[tuple[str, str]]:
        return list(Provision.objects.order_by("position").values_list("number", "path"))

    browser.post(at("provision_act", draft, two.public_id), {"act": "up"})
    assert tree() == [("2", "1"), ("1", "2"), ("3", "3")]
    browser.post(at("provision_act", draft, two.public_id), {"act": "down"})
    browser.post(at("provision_act", draft, two.public_id), {"act": "in"})
    assert tree() == [("1", "1"), ("2", "1.1"), ("3", "2")]
    assert Provision.objects.get(number="2").eid == "art_1__art_2"

    one = Provision.objects.get(number="1")
    page = browser.post(at("provision_act", draft, one.public_id), {"act": "delete"}, follow=True)
    assert "2 clauses deleted" in words(page)
    assert tree() == [("3", "1")]
    browser.post(at("undo", draft))
    assert [number for number, _ in tree()] == ["1", "2", "3"]
    assert Provision.objects.get(number="2").parent == Provision.objects.get(number="1")

    page = browser.post(
        at("provision_act", draft, Provision.objects.get(number="1").public_id), {"act": "out"}, follow=True
    )
    assert "cannot be moved there" in words(page)


def test_outcomes_of_many_tasks_are_filled_in_one_grid(
    browser: Client, draft: Directive, officer: User
) -> None:
    tasks = [make.make_measure(officer, draft) for _ in range(3)]
    page = browser.get(at("outcomes", draft))
    assert "3 tasks have no outcome yet" in words(page)
    typed = {f"outcome-{task.public_id}": f"Outcome {n}" for n, task in enumerate(tasks)}
    page = browser.post(
        at("outcomes", draft),
        typed | {"chosen": [tasks[2].public_id], "special_project": "yes", "priority": ""},
        follow=True,
    )
    assert "4 tasks changed" in words(page)
    assert list(Measure.objects.order_by("pk").values_list("outcome_indicator", flat=True)) == [
        "Outcome 0",
        "Outcome 1",
        "Outcome 2",
    ]
    listed = words(browser.get(at("directive_measures", draft)))
    assert listed.index(tasks[2].text) < listed.index(tasks[0].text), "special projects come first"


def test_the_export_is_the_import(browser: Client, draft: Directive, officer: User) -> None:
    make.make_measure(officer, draft, text="=1+1 is text", lead=["xx.health", "@provinces"], due_raw="6/2026")
    make.make_measure(officer, draft, text="Second\nline", coordinating=["Nobody knows this"])
    before = contents.content_of(draft.pk)["measures"]
    for name in ("export_csv", "export_xlsx"):
        data = browser.get(at(name, draft)).content
        upload = SimpleUploadedFile(f"t.{name[-4:].strip('_')}", data)
        page = browser.post(at("exchange", draft), {"file": upload}, follow=True)
        assert "0 tasks changed, 0 added, 2 as they were" in words(page)
        assert contents.content_of(draft.pk)["measures"] == before


def table(*rows: list[str]) -> SimpleUploadedFile:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return SimpleUploadedFile("t.csv", out.getvalue().encode())


def test_a_table_changes_and_adds_tasks_and_can_be_undone(
    browser: Client, draft: Directive, officer: User
) -> None:
    task = make.make_measure(officer, draft, text="Old", deliverable="Kept")
    upload = table(["id", "text", "outcome_indicator"], [task.public_id, "New", "Felt"], ["", "Added", ""])
    page = browser.post(at("exchange", draft), {"file": upload}, follow=True)
    assert "1 tasks changed, 1 added" in words(page)
    task.refresh_from_db()
    assert (task.text, task.outcome_indicator, task.deliverable) == ("New", "Felt", "Kept")
    browser.post(at("undo", draft))
    task.refresh_from_db()
    assert task.text == "Old"
    assert [m["text"] for m in contents.content_of(draft.pk)["measures"]] == ["Old"]


def test_a_table_with_wrong_rows_stores_nothing_and_names_every_row(
    browser: Client, draft: Directive, officer: User
) -> None:
    task = make.make_measure(officer, draft, text="Old")
    rows = [
        [task.public_id, "New", "", ""],
        ["nobody", "X", "", ""],
        ["", "Y", "someday", ""],
        ["", "Z", "", "urgent"],
    ]
    page = browser.post(at("exchange", draft), {"file": table(["id", "text", "due", "priority"], *rows)})
    assert page.status_code == 422
    task.refresh_from_db()
    assert task.text == "Old"
    assert "“urgent” is no priority." in words(page)
    page = browser.post(
        at("exchange", draft), {"file": table(["id", "text", "due"], *[row[:3] for row in rows[:3]])}
    )
    assert "no task with this id" in words(page)
    assert "cannot be read as a deadline" in words(page)
    assert Measure.objects.count() == 1
    for broken in (b"\xff\xfe\x00", b"PK\x03\x04 no zip", b"", b"a,b\n1,2"):
        page = browser.post(at("exchange", draft), {"file": SimpleUploadedFile("t.csv", broken)})
        assert page.status_code == 422


def test_the_alignment_matrix_shows_the_goals_that_nobody_serves(
    browser: Client, draft: Directive, officer: User
) -> None:
    plan = alignment.create_plan(
        officer, title="National Information Network", language="en", goals=[("G1", "Reach"), ("G2", "Speed")]
    )
    task = make.make_measure(officer, draft)
    assert "G2 Speed" in words(browser.get(at("alignment", draft)))
    goal = AlignmentGoal.objects.get(plan=plan, code="G2")
    page = browser.post(at("alignment", draft), {f"m-{task.public_id}": [goal.pk]}, follow=True)
    uncovered = words(page).split("Goals that no task serves")[1].split("Save")[0]
    assert "G1 Reach" in uncovered
    assert "G2 Speed" not in uncovered
    assert contents.content_of(draft.pk)["measures"][0]["alignments"] == [
        {"plan": "National Information Network", "goal": "G2", "text": "Speed"}
    ]


def test_duties_are_entered_tied_and_listed_when_overdue(
    browser: Client, draft: Directive, officer: User
) -> None:
    theme = duties.create_theme(officer, period="1399", title="Leap of production", language="fa")
    fields = {
        "source": "Law 12", "article": "5", "text": "Report to parliament", "owner": "xx.min", "due_on": "1399/6/31",
        "theme": theme.pk, "priority": "high", "version": "",
    }  # fmt: skip
    page = browser.post(reverse("directives:duty_new"), fields, follow=True)
    assert "Overdue" in words(page)
    assert "1 duty is overdue" in words(browser.get(reverse("directives:duties")))
    duty_id = int(page.redirect_chain[-1][0].strip("/").split("/")[-1])
    browser.post(at("duties_tied", draft), {"duty": [duty_id]})
    assert contents.content_of(draft.pk)["duties"][0]["source"] == "Law 12"
    page = browser.post(
        reverse("directives:duty", args=[duty_id]), {"version": 1, "fulfilled_on": "1399/5/1"}, follow=True
    )
    assert "Fulfilled" in words(page)
    assert "No duty is overdue" in words(browser.get(reverse("directives:duties")))
    page = browser.post(reverse("directives:duty", args=[duty_id]), {"version": 1, "fulfilled_on": ""})
    assert page.status_code == 422


def test_a_published_role_statement_is_open_to_everyone(browser: Client, officer: User) -> None:
    theme = duties.create_theme(officer, period="2026", title="Near post", language="en")
    address = reverse("directives:theme", args=[theme.pk])
    browser.post(address, {"organisation": "xx.min", "text": "We carry the network."})
    assert "We carry the network." not in words(Client().get(address))
    browser.post(address, {"organisation": "xx.min", "text": "We carry the network.", "publish": "on"})
    page = Client().get(address)
    assert page.status_code == 200
    assert "We carry the network." in words(page)


def test_citations_and_fields_are_edited_in_a_grid(browser: Client, draft: Directive, officer: User) -> None:
    def grid(*rows: dict[str, Any]) -> dict[str, Any]:
        sent: dict[str, Any] = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": 0}
        return sent | {f"form-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}

    browser.post(
        at("citations", draft),
        grid({"raw": "Resolution 01/NQ-CP", "dated_on": "1/1/2020", "to_disseminate": "on"}, {"raw": ""}),
    )
    assert contents.content_of(draft.pk)["citations"] == [
        {"raw": "Resolution 01/NQ-CP", "kind": "", "number": "", "dated_on": "2020-01-01", "issuer_name": "",
         "subject": "", "to_disseminate": True}
    ]  # fmt: skip
    browser.post(at("fields", draft), grid({"name": "Post", "declared_count": 8}, {"name": "IT"}))
    first = draft.fields.get(name="Post")
    make.make_measure(officer, draft, field="Post")
    browser.post(at("fields", draft), grid({"name": "IT"}, {"key": first.pk, "name": "Posts and parcels"}))
    assert [f["name"] for f in contents.content_of(draft.pk)["fields"]] == ["IT", "Posts and parcels"]
    assert contents.content_of(draft.pk)["measures"][0]["field"] == "Posts and parcels"
    page = browser.post(at("fields", draft), grid({"name": "IT"}, {"name": "IT"}))
    assert "same name" in words(page)


def test_a_text_that_lies_before_others_cannot_be_changed(
    browser: Client, draft: Directive, officer: User
) -> None:
    task = make.make_measure(officer, draft)
    lifecycle.advance(officer, draft.pk, Step.WITHDRAW, reason="No longer needed")
    for name, more in (("edit", ()), ("measure_edit", (task.public_id,)), ("outcomes", ()), ("text", ())):
        assert browser.get(at(name, draft, *more)).status_code == 409
    assert "Edit" not in words(browser.get(at("directive", draft))).split("Before")[0].split("Tasks")[0]


def test_suggestions_know_bodies_groups_and_old_names(browser: Client, house: SmallMinistry) -> None:
    found = browser.get(reverse("directives:bodies"), {"pack": "xx", "q": "minis"}).json()["bodies"]
    assert {"code": "@ministries", "name": "Ministries"} in found
    assert {"code": "xx.health", "name": "Ministry of Health"} in found
    assert browser.get(reverse("directives:bodies"), {"pack": "xx", "q": ""}).json() == {"bodies": []}


def test_the_list_of_tasks_is_filtered_by_who_acts(browser: Client, draft: Directive, officer: User) -> None:
    make.make_measure(officer, draft, text="Health leads", lead=["xx.health"])
    make.make_measure(officer, draft, text="Health helps", lead=["xx.min"], coordinating=["xx.health"])
    make.make_measure(officer, draft, text="Provinces lead", lead=["@provinces"])
    address = reverse("directives:measures")
    everything = words(browser.get(address))
    assert "Provinces" in everything
    found = words(browser.get(address, {"body": "xx.health"}))
    assert "Health leads" in found
    assert "Health helps" in found
    assert "Provinces lead" not in found
    found = words(browser.get(address, {"body": "Ministry of Health [xx.health]", "role": "lead"}))
    assert "Health leads" in found
    assert "Health helps" not in found
