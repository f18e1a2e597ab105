"""The index follows the record and nothing else, and a person finds only what the rooms would show."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.models import Measure
from mehvar.home.actions import indexing
from mehvar.home.data import Kind
from mehvar.home.models import SearchEntry, SearchPlace
from mehvar.home.queries import search
from mehvar.kernel import clock
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import NOBODY
from mehvar.programmes.actions import flagships, stakeholders
from mehvar.programmes.data import MeetingKind
from tests.factories.exchange import agreed, federation
from tests.factories.obstacles import raised_by_north
from tests.factories.plans import Calling, calling, fill, good_item
from tests.factories.promulgation import MORNING, drafted_directive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


def found(user: User | None, words: str) -> dict[Kind, list[str]]:
    authority = organisations.authority_of(user) if user else NOBODY
    question = search.question_of(words, authority, "en")
    assert question is not None
    return {
        group.kind: ["".join(piece.text for piece in row.pieces) for row in group.rows]
        for group in search.overview(question)
    }


def test_the_index_follows_the_record_once() -> None:
    made = calling()
    assert indexing.follow() > 0
    assert indexing.follow() == 0
    kinds = set(SearchEntry.objects.values_list("kind", flat=True))
    assert kinds >= {"directive", "measure", "programme", "plan"}
    assert Kind.PROGRAMME in found(made.planner, made.programme.title)


def test_what_changed_is_read_again_and_what_went_is_forgotten() -> None:
    made = calling()
    indexing.follow()
    measure = Measure.objects.order_by("position")[0]
    Measure.objects.filter(pk=measure.pk).update(text="Đo lường 12 کارخانه")
    gone = Measure.objects.order_by("position")[1]
    Measure.objects.filter(pk=gone.pk).update(removed_at=clock.now())
    assert indexing._read_again("directive", made.directive.public_id) == 2
    assert found(made.planner, "do luong ۱۲ كارخانه")[Kind.MEASURE] == ["Đo lường 12 کارخانه"]
    assert not SearchEntry.objects.filter(kind="measure", object_id=gone.pk).exists()


def test_an_interrupted_follower_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    calling()
    readings: list[str] = []
    read_again = indexing._read_again

    def dies(subject_type: str, identifier: str) -> int:
        readings.append(identifier)
        if len(readings) == 2:
            raise KeyboardInterrupt
        return read_again(subject_type, identifier)

    with monkeypatch.context() as patch:
        patch.setattr(indexing, "_read_again", dies)
        with pytest.raises(KeyboardInterrupt):
            indexing.follow()
    assert not SearchEntry.objects.exists()
    assert (SearchPlace.objects.values_list("sequence", flat=True).first() or 0) == 0
    written = indexing.follow()
    assert written == SearchEntry.objects.count() == indexing.rebuild()


def plan_of_the_north(made: Calling) -> None:
    fill(made.north, made.north_plan, good_item())


def test_provinces_find_their_own_plans_only() -> None:
    made = calling()
    plan_of_the_north(made)
    indexing.rebuild()
    title = made.call.title
    assert len(found(made.planner, title)[Kind.PLAN]) == 2
    assert len(found(made.north, title)[Kind.PLAN]) == 1
    question = search.question_of(title, organisations.authority_of(made.south), "en")
    assert question is not None
    paths = [row.path for group in search.overview(question) for row in group.rows if group.kind is Kind.PLAN]
    assert paths == [reverse("programmes:plan", args=[made.south_plan.public_id])]


def test_obstacles_stay_within_their_province() -> None:
    made = calling()
    row = raised_by_north(made.house)
    indexing.follow()
    assert found(made.north, row.title)[Kind.OBSTACLE] == [row.title]
    assert Kind.OBSTACLE not in found(made.south, row.title)
    assert found(None, row.title) == {}


def test_visitors_find_what_was_promulgated_and_no_draft() -> None:
    made = calling()
    draft = drafted_directive(made.house, title="Secret intentions")
    indexing.rebuild()
    assert found(made.house.people[Role.PLANNING_OFFICER], "secret intentions")[Kind.DIRECTIVE] == [
        draft.title
    ]
    assert Kind.DIRECTIVE not in found(None, "secret intentions")
    question = search.question_of(made.directive.title, NOBODY, "en")
    assert question is not None
    group = next(group for group in search.overview(question) if group.kind is Kind.DIRECTIVE)
    assert all(row.path.startswith(reverse("directives:public", args=["x"])[:-2]) for row in group.rows)


@pytest.mark.parametrize("words", ["", " ", "a", "‌", "%", "_", "؟"])
def test_too_little_is_no_question(words: str) -> None:
    assert search.question_of(words, NOBODY, "en") is None


def test_services_and_agreements_are_found_by_who_may_open_them() -> None:
    made = federation()
    agreement = agreed(made)
    indexing.follow()
    assert found(made.consumer_engineer, "who owns which parcel")[Kind.SERVICE] == ["Land parcels"]
    assert found(made.consumer_engineer, "health act 4")[Kind.AGREEMENT] == [agreement.title]
    assert found(None, "parcels") == {Kind.AGREEMENT: [agreement.title]}
    outsider = made.house.people[Role.PROVINCIAL_DIRECTOR]
    assert Kind.SERVICE not in found(outsider, "land parcels")


def test_listed_projects_are_everybodys_and_meetings_their_provinces() -> None:
    made = calling()
    keeper = made.house.people[Role.PLANNING_OFFICER]
    sheet = {
        code: {"name": "Bridges", "summary": "Fibre over rivers", "people_feel": "No silence"}
        for code in ("fa", "vi", "en")
    }
    reasons = {"drives_others": "Ten follow.", "people_feel": "Queues end.", "repeatable": "Anywhere."}
    drafted = flagships.draft_flagship(keeper, title="Bridges", mark="driver", criteria=reasons, sheet=sheet)
    indexing.follow()
    assert found(keeper, "over rivers") == {}
    flagships.list_flagship(keeper, drafted.public_id, version=drafted.version)
    stakeholders.record_meeting(
        made.north,
        made.north_plan.organisation_id,
        held_on=clock.today(),
        kind=MeetingKind.GOVERNOR,
        with_whom="Governor's office",
        subject="Poles in the streets",
    )
    indexing.follow()
    assert found(None, "over rivers") == {Kind.FLAGSHIP: ["Bridges"]}
    assert found(made.north, "poles governor")[Kind.MEETING] == ["Poles in the streets"]
    assert found(made.south, "poles governor") == {}
