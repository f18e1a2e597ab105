"""The journey of a directive through its pages: officer, three deputies, minister; in each language."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from mehvar.directives.models import ConsultationRound, CouncilSession, Directive, Opinion, Resolution
from mehvar.kernel import clock
from tests.factories.deliberation import DAY, NOON, Deliberation, deliberating_ministry, make_directive
from tests.factories.organisations import PASSWORD
from tests.functional import visiting
from tests.functional.visiting import signed_in

pytestmark = pytest.mark.django_db

page = partial(visiting.page, "directives")


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.fixed(NOON):
        yield


@pytest.fixture
def team() -> Deliberation:
    return deliberating_ministry()


@pytest.fixture
def directive(team: Deliberation) -> Directive:
    return make_directive(team.house.ministry)


def send(client: Client, name: str, *args: object, **fields: object) -> str:
    """Post a form and give the page after it."""
    response = client.post(reverse(f"directives:{name}", args=args), fields, follow=False)
    assert response.status_code == 302, (name, response.status_code, errors_in(response.content.decode()))
    return str(response.headers["Location"])


def errors_in(text: str) -> str:
    found = re.search(r'class="error-summary".*?</div>', text, re.DOTALL)
    return re.sub(r"<[^>]+>", " ", found.group(0)) if found else ""


def opened_round(team: Deliberation, directive: Directive, client: Client) -> ConsultationRound:
    form = page(client, "consultation_open", directive.public_id)
    for office in team.offices:
        assert office.name_en in form
    send(
        client,
        "consultation_open",
        directive.public_id,
        offices=[str(pk) for pk in team.office_ids],
        others="",
        deadline="11/5/2026",
        note="Please look at the deadlines.",
        version=directive.version,
    )
    return ConsultationRound.objects.get(directive=directive)


@pytest.mark.parametrize("language", ["en", "fa", "vi"])
def test_every_page_of_the_journey(team: Deliberation, directive: Directive, language: str) -> None:
    officer = signed_in(team.officer)
    opened_round(team, directive, officer)
    officer = signed_in(team.officer, language)
    deputies = [signed_in(deputy, language) for deputy in team.deputies]
    minister = signed_in(team.minister, language)
    give_opinions(directive, deputies)
    answer_them(directive, officer, deputies[1])
    session = hold_session(team, directive, officer, deputies[0], language)
    assert "Send the questionnaire." in page(officer, "session", session.public_id)
    approve(directive, minister)
    follow_the_resolution(deputies[1], minister)
    for name in ("editions", "compare"):
        page(officer, name, directive.public_id)
    page(officer, "edition", directive.public_id, 2)
    page(officer, "council")


def give_opinions(directive: Directive, deputies: list[Client]) -> None:
    """The first proposes a wording (and sends it twice), the second speaks on the whole, the third has no comment."""
    first, second, third = deputies
    public_id, measure = directive.public_id, directive.measures.all()[0]
    assert f"/{public_id}/" in page(first, "consultations")
    assert f"target=measure&amp;id={measure.public_id}" in page(first, "consultation_text", public_id, 1)
    address = reverse("directives:opinion", args=[public_id, 1])
    clause = f"{address}?target=measure&id={measure.public_id}"
    form = first.get(clause).content.decode()
    assert measure.text in form
    fields = {
        "office": value_of("office", form),
        "kind": "proposal",
        "text": "Six months are too short.",
        "proposed_text": measure.text.replace("six", "nine"),
        "submission_key": value_of("submission_key", form),
    }
    assert first.post(clause, fields).status_code == 302
    assert first.post(clause, fields).status_code == 302
    assert Opinion.objects.count() == 1
    office = value_of("office", second.get(address).content.decode())
    send(second, "opinion", public_id, 1, office=office, kind="opinion", text="Welcome.")
    send(third, "no_comment", public_id, 1)
    assert "Six months are too short." not in page(second, "consultation_round", public_id, 1)


def value_of(name: str, text: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', text)
    assert found is not None, name
    return found.group(1)


def answer_them(directive: Directive, officer: Client, deputy: Client) -> None:
    """Close the round, be barred, answer, bring the wording into the text and go before the council."""
    public_id, consulted = directive.public_id, ConsultationRound.objects.get()
    seen = page(officer, "consultation_round", public_id, 1)
    assert "<ins" in seen
    assert "nine" in seen
    send(officer, "consultation_close", public_id, 1, reason="", version=consulted.version)
    assert "Six months are too short." in page(deputy, "consultation_round", public_id, 1)
    step = reverse("directives:step", args=[public_id, "put_to_council"])
    assert officer.post(step, {"reason": "", "version": ""}).status_code == 200
    directive.refresh_from_db()
    assert directive.state == "consultation"
    proposal, opinion = Opinion.objects.order_by("pk")
    refused = {"answer": "refused", "reason": "", "version": 1}
    assert officer.post(reverse("directives:opinion_answer", args=[proposal.pk]), refused).status_code == 422
    send(officer, "opinion_answer", proposal.pk, answer="accepted", reason="Agreed.", version=1)
    send(officer, "opinion_answer", opinion.pk, answer="noted", reason="", version=1)
    send(officer, "opinion_apply", proposal.pk)
    directive.refresh_from_db()
    assert "nine" in page(officer, "compare", public_id, old="1", new="0")
    send(officer, "step", public_id, "put_to_council", reason="Consulted", version=directive.version)


def hold_session(
    team: Deliberation, directive: Directive, officer: Client, deputy: Client, language: str
) -> CouncilSession:
    """Plan, build the agenda, invite, hold with two seats and a substitute, resolve, close."""
    when = {"held_on": "4/5/2026", "starts_at": "14:30", "place": "Hall 2"}
    send(officer, "session_plan", committee=team.council.pk, language=language, **when)
    session = CouncilSession.objects.get()
    chosen = re.findall(r'name="chosen" value="([^"]+)"', page(officer, "agenda", session.public_id))
    assert chosen == [f"directive-{directive.pk}"]
    send(officer, "agenda", session.public_id, chosen=chosen)
    send(officer, "agenda", session.public_id, title="Any other business")
    send(officer, "session_invite", session.public_id)
    assert directive.title in page(deputy, "session", session.public_id)
    send(officer, "session_begin", session.public_id)
    session.refresh_from_db()
    seats = list(session.attendance.order_by("pk"))
    presence = {f"present-{seat.pk}": "on" for seat in seats[:2]} | {
        f"substitute-{seats[2].pk}": "A director"
    }
    page(officer, "attendance", session.public_id)
    send(officer, "attendance", session.public_id, version=session.version, **presence)
    item = session.agenda.get(directive=directive)
    page(officer, "agenda_item", item.pk)
    said = {"discussion": "Long.", "conclusion": "Good.", "decision": "passed"}
    send(officer, "agenda_item", item.pk, version=item.version, **said)
    page(officer, "resolve", session.public_id)
    owed = {"text": "Send the questionnaire.", "owner": "xx.min.deputy2", "due": "۱۴۰۵/۰۶/۳۱"}
    send(officer, "resolve", session.public_id, **owed)
    session.refresh_from_db()
    page(officer, "session_close", session.public_id)
    send(officer, "session_close", session.public_id, version=session.version)
    return session


def approve(directive: Directive, minister: Client) -> None:
    """Read the decision page, confirm who one is, approve exactly that text."""
    decision = page(minister, "approval", directive.public_id)
    found = re.search(r'href="([^"]*approval/approve/\?text=[0-9a-f]{64})"', decision)
    assert found is not None
    asked = minister.get(found.group(1))
    assert asked.status_code == 302
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    directive.refresh_from_db()
    fields = {"reason": "", "version": directive.version}
    assert (
        minister.post(found.group(1), fields)
        .headers["Location"]
        .startswith(reverse("account_reauthenticate"))
    )
    assert minister.post(asked.headers["Location"], {"password": PASSWORD}).status_code == 302
    assert minister.get(found.group(1)).status_code == 200
    assert minister.post(found.group(1), fields).status_code == 302
    directive.refresh_from_db()
    assert directive.state == "approved"


def follow_the_resolution(deputy: Client, minister: Client) -> None:
    """The owner reports it as done, the chair confirms."""
    resolution = Resolution.objects.get()
    page(deputy, "resolutions")
    page(deputy, "resolution", resolution.pk)
    page(deputy, "resolution_step", resolution.pk, "claim")
    send(deputy, "resolution_step", resolution.pk, "claim", note="All have it.", version=resolution.version)
    resolution.refresh_from_db()
    send(minister, "resolution_step", resolution.pk, "confirm", note="", version=resolution.version)
    resolution.refresh_from_db()
    assert resolution.state == "done"
    assert resolution.completed_on == DAY


def test_a_deputy_of_another_body_reads_no_draft(team: Deliberation, directive: Directive) -> None:
    opened_round(team, directive, signed_in(team.officer))
    stranger = signed_in(team.house.south_director)
    for name, args in (
        ("consultation_round", (directive.public_id, 1)),
        ("consultation_text", (directive.public_id, 1)),
        ("editions", (directive.public_id,)),
        ("compare", (directive.public_id,)),
        ("approval", (directive.public_id,)),
    ):
        response = stranger.get(reverse(f"directives:{name}", args=args))
        assert response.status_code == 404, name
        assert directive.title not in response.content.decode()


def test_an_invited_deputy_cannot_run_the_round_or_decide(team: Deliberation, directive: Directive) -> None:
    opened_round(team, directive, signed_in(team.officer))
    deputy = signed_in(team.deputies[0])
    for name, args in (
        ("consultation_close", (directive.public_id, 1)),
        ("consultation_extend", (directive.public_id, 1)),
        ("approval", (directive.public_id,)),
        ("approval_approve", (directive.public_id,)),
        ("step", (directive.public_id, "put_to_council")),
    ):
        assert deputy.get(reverse(f"directives:{name}", args=args)).status_code == 403, name
    assert "Offices" not in page(deputy, "consultation_round", directive.public_id, 1)


def test_the_deadline_is_taken_in_either_calendar_and_keeps_the_first(
    team: Deliberation, directive: Directive
) -> None:
    officer = signed_in(team.officer)
    consulted = opened_round(team, directive, officer)
    refused = officer.post(
        reverse("directives:consultation_extend", args=[directive.public_id, 1]),
        {"deadline": "10/5/2026", "reason": "", "version": consulted.version},
    )
    assert "after the present one" in errors_in(refused.content.decode())
    send(
        officer,
        "consultation_extend",
        directive.public_id,
        1,
        deadline="۱۴۰۵/۰۳/۰۱",
        reason="Holidays",
        version=consulted.version,
    )
    consulted.refresh_from_db()
    assert consulted.first_deadline_on == DAY + timedelta(days=7)
    assert str(consulted.deadline_on) == "2026-05-22"
    assert "11 May 2026" in page(officer, "consultation_round", directive.public_id, 1)


def test_a_round_without_offices_is_refused_beside_the_field(
    team: Deliberation, directive: Directive
) -> None:
    officer = signed_in(team.officer)
    response = officer.post(
        reverse("directives:consultation_open", args=[directive.public_id]),
        {"offices": [], "others": "", "deadline": "11/5/2026", "note": "", "version": directive.version},
    )
    assert response.status_code == 200
    assert "invite at least one office" in errors_in(response.content.decode())
    assert not ConsultationRound.objects.exists()


def test_the_minister_returns_with_a_reason(team: Deliberation, directive: Directive) -> None:
    Directive.objects.filter(pk=directive.pk).update(state="awaiting_approval")
    minister = signed_in(team.minister)
    address = reverse("directives:approval_return", args=[directive.public_id])
    minister.post(reverse("account_reauthenticate") + f"?next={address}", {"password": PASSWORD})
    assert minister.post(address, {"reason": "", "version": directive.version}).status_code == 200
    assert minister.post(address, {"reason": "Too vague.", "version": directive.version}).status_code == 302
    directive.refresh_from_db()
    assert directive.state == "revision"
    assert directive.events.last().reason == "Too vague."  # type: ignore[union-attr]


def test_list_pages_ask_a_bounded_number_of_queries(
    team: Deliberation, directive: Directive, django_assert_num_queries: object
) -> None:
    officer = signed_in(team.officer)
    opened_round(team, directive, officer)
    with django_assert_num_queries(24):  # type: ignore[operator]
        page(officer, "consultation_round", directive.public_id, 1)
    with django_assert_num_queries(7):  # type: ignore[operator]
        page(officer, "council")
