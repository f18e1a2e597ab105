from typing import Any

import pytest

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives import extraction as reader
from mehvar.directives.actions import imports, measures, review
from mehvar.directives.data import ImportState, ReviewState
from mehvar.directives.models import Assignment, ImportDocument, Measure
from mehvar.directives.queries import content as contents
from mehvar.directives.queries import review as queries
from mehvar.kernel.errors import Conflict, InputError, NotFound, NotPermitted
from mehvar.ledger.models import Entry
from mehvar.organisations import queries as organisations
from tests.factories import directives as make
from tests.factories.organisations import SmallMinistry, make_user, small_ministry

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


@pytest.fixture
def officer(house: SmallMinistry) -> User:
    return house.people[Role.PLANNING_OFFICER]


def document_with(
    house: SmallMinistry, monkeypatch: pytest.MonkeyPatch, *found: Any, **fields: Any
) -> ImportDocument:
    monkeypatch.setattr(
        reader, "extract_isolated", lambda *_a, **_k: make.extraction(*found, **fields), raising=False
    )
    return imports.import_document(
        house.people[Role.PLANNING_OFFICER],
        data=b"x",
        filename="a.docx",
        pack="xx",
        issuer_id=house.ministry.pk,
    )


@pytest.fixture
def document(house: SmallMinistry, monkeypatch: pytest.MonkeyPatch) -> ImportDocument:
    return document_with(
        house,
        monkeypatch,
        make.found_measure("1", block=0),
        make.doubtful_measure("2", block=1),
        make.doubtful_measure("3", block=2),
        make.found_measure("4", "First half; the second half is another task", block=3),
    )


def row(number: str) -> Measure:
    return Measure.objects.get(number=number, removed_at__isnull=True)


def present(document: ImportDocument) -> dict[str, Any]:
    assert document.directive_id
    content = contents.content_of(document.directive_id)
    return {"measures": content["measures"]}


def test_rows_come_worst_first_and_keep_their_order_while_accepted(
    document: ImportDocument, officer: User
) -> None:
    assert document.directive_id
    before = [item["number"] for item in queries.rows_of(document.directive_id)]
    assert before == ["2", "3", "1", "4"]
    review.accept_rows(officer, document.public_id, [row("2").public_id])
    assert [item["number"] for item in queries.rows_of(document.directive_id)] == before


def test_accepting_settles_flags_with_who_and_when(document: ImportDocument, officer: User) -> None:
    review.accept_rows(officer, document.public_id, [row("2").public_id])
    accepted = row("2")
    assert (accepted.review_state, accepted.open_flags) == (ReviewState.ACCEPTED, 0)
    assert accepted.flags[0]["settled"]["by"] == officer.pk
    assert accepted.flags[0]["settled"]["at"].endswith("+00:00")
    assert accepted.reviewed_by == officer


def test_all_rows_without_doubt_are_accepted_at_once_and_it_can_be_undone(
    document: ImportDocument, officer: User
) -> None:
    assert review.accept_clean_rows(officer, document.public_id) == 2
    assert row("1").review_state == ReviewState.ACCEPTED
    assert row("2").review_state == ReviewState.PENDING
    review.undo_last(officer, document.public_id)
    assert row("1").review_state == ReviewState.PENDING


def test_a_correction_changes_the_row_and_settles_it(document: ImportDocument, officer: User) -> None:
    review.correct_row(
        officer,
        document.public_id,
        row("2").public_id,
        lead=["Ministry of Health", "@provinces"],
        due_raw="6/2026",
    )
    corrected = row("2")
    assert corrected.review_state == ReviewState.CORRECTED
    assert corrected.open_flags == 0
    assert (corrected.due_kind, str(corrected.due_end)) == ("month", "2026-06-30")
    acting = [(a.organisation.code if a.organisation else a.group_code) for a in corrected.assignments.all()]
    assert acting == ["xx.health", "@provinces"]


def test_every_kind_of_step_can_be_undone_to_the_same_content(
    document: ImportDocument, officer: User
) -> None:
    before = present(document)
    review.correct_row(
        officer, document.public_id, row("2").public_id, text="Other words", lead=["xx.it", "xx.health"]
    )
    review.merge_with_previous(officer, document.public_id, row("3").public_id)
    review.split_row(officer, document.public_id, row("4").public_id, at=11)
    review.remove_row(officer, document.public_id, row("1").public_id)
    assert present(document) != before
    for _ in range(4):
        review.undo_last(officer, document.public_id)
    assert present(document) == before
    with pytest.raises(NotFound):
        review.undo_last(officer, document.public_id)


def test_merging_joins_texts_bodies_and_source_and_takes_the_second_row_out(
    document: ImportDocument, officer: User
) -> None:
    joined = review.merge_with_previous(officer, document.public_id, row("2").public_id)
    joined.refresh_from_db()
    assert joined.number == "1"
    assert joined.text == "Task number 1 of the annex Task number 2 of the annex"
    assert [span[0] for span in joined.source_spans] == [0, 1]
    assert {(a.organisation_id is None, a.raw_name) for a in joined.assignments.all()} == {
        (False, ""),
        (True, "Ofice of X"),
    }
    assert not Measure.objects.filter(number="2", removed_at__isnull=True).exists()
    with pytest.raises(InputError):
        review.merge_with_previous(officer, document.public_id, joined.public_id)


def test_splitting_makes_two_rows_with_the_same_bodies(document: ImportDocument, officer: User) -> None:
    four = row("4")
    new = review.split_row(officer, document.public_id, four.public_id, at=11)
    assert (row("4").text, new.text) == ("First half;", "the second half is another task")
    assert new.position == four.position + 1
    assert [a.organisation_id for a in new.assignments.all()] == [
        a.organisation_id for a in four.assignments.all()
    ]
    for at in (0, len("First half;"), -1, 10_000):
        with pytest.raises(InputError):
            review.split_row(officer, document.public_id, four.public_id, at=at)


def test_a_name_is_taught_once_and_applied_to_all_rows_that_have_it(
    document: ImportDocument, officer: User, house: SmallMinistry
) -> None:
    taught = review.teach_alias(
        officer, document.public_id, wording="Ofice of X", organisation_code="xx.min.it"
    )
    assert taught.rows == 2
    assert Assignment.objects.filter(organisation=house.it).count() == 2
    assert not Assignment.objects.exclude(raw_name="").exists()
    assert (row("2").open_flags, row("3").open_flags) == (0, 0)
    hit = organisations.register_for("xx").resolve("Ofice of X")
    assert hit is not None
    assert hit.codes == ("xx.min.it",)

    review.undo_last(officer, document.public_id)
    assert Assignment.objects.filter(raw_name="Ofice of X").count() == 2


def test_two_reviewers_at_one_row_lose_nothing(
    document: ImportDocument, officer: User, house: SmallMinistry
) -> None:
    other = make_user(Role.PLANNING_OFFICER, house.ministry, name="Second")
    seen = row("1").version
    review.correct_row(
        officer, document.public_id, row("1").public_id, version=seen, text="What the first wrote"
    )
    with pytest.raises(measures.StaleMeasure):
        review.correct_row(
            other, document.public_id, row("1").public_id, version=seen, text="What the second wrote"
        )
    with pytest.raises(measures.StaleMeasure):
        review.accept_rows(
            other, document.public_id, [row("1").public_id], versions={row("1").public_id: seen}
        )
    assert row("1").text == "What the first wrote"


def test_undo_refuses_when_somebody_else_has_changed_the_row_since(
    document: ImportDocument, officer: User, house: SmallMinistry
) -> None:
    other = make_user(Role.PLANNING_OFFICER, house.ministry, name="Second")
    review.correct_row(officer, document.public_id, row("1").public_id, text="First")
    review.correct_row(other, document.public_id, row("1").public_id, text="Second")
    with pytest.raises(Conflict):
        review.undo_last(officer, document.public_id)
    assert row("1").text == "Second"


def test_a_review_is_finished_only_when_everything_is_settled_and_differences_are_seen(
    document: ImportDocument, officer: User
) -> None:
    with pytest.raises(Conflict, match="4 rows"):
        review.finish_review(officer, document.public_id)
    review.accept_rows(officer, document.public_id)
    review.remove_row(officer, document.public_id, row("2").public_id)
    with pytest.raises(InputError):
        review.finish_review(officer, document.public_id)
    review.finish_review(officer, document.public_id, differences_accepted=True)
    document.refresh_from_db()
    assert document.state == ImportState.SETTLED
    with pytest.raises(Conflict):
        review.accept_rows(officer, document.public_id)


def test_declared_counts_and_gaps_are_compared_with_what_was_found(
    house: SmallMinistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = document_with(
        house,
        monkeypatch,
        make.found_measure("1"),
        make.found_measure("4", block=1),
        declared_counts=(
            reader.model.DeclaredCount("Post", 8, ""),
            reader.model.DeclaredCount("Telecom", 40, ""),
            reader.model.DeclaredCount("", 2, ""),
        ),
    )
    checks = {
        check.label: (check.declared, check.found, check.agrees) for check in queries.count_checks(document)
    }
    assert checks == {"Post": (8, 2, False), "Telecom": (40, None, False), "": (2, 2, True)}
    assert document.directive_id
    assert [gap.missing for gap in queries.gaps(document.directive_id)] == [("2", "3")]


def test_others_may_neither_see_nor_review(document: ImportDocument, house: SmallMinistry) -> None:
    for person in (
        house.people[Role.PROVINCIAL_DIRECTOR],
        house.south_director,
        house.people[Role.BODY_OFFICER],
    ):
        with pytest.raises(NotPermitted):
            review.accept_rows(person, document.public_id)
        with pytest.raises(NotFound):
            queries.document(organisations.authority_of(person), document.public_id)


def test_each_act_is_one_entry_on_record(document: ImportDocument, officer: User) -> None:
    before = Entry.objects.count()
    review.accept_clean_rows(officer, document.public_id)
    review.correct_row(officer, document.public_id, row("2").public_id, text="Other")
    review.undo_last(officer, document.public_id)
    assert [e.action for e in Entry.objects.order_by("sequence")][before:] == [
        "directive.rows-accepted",
        "directive.row-corrected",
        "directive.undone",
    ]
