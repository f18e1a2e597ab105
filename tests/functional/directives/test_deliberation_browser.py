"""Deliberation in a real browser: three languages, desktop and phone, without script errors or barriers."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from mehvar.directives.actions import agenda, consultation, council, lifecycle, opinions, resolutions
from mehvar.directives.actions.council import Presence
from mehvar.directives.data import Answer, CouncilDecision, OpinionKind, OpinionTarget
from mehvar.directives.models import CouncilSession, Directive, Opinion
from mehvar.directives.queries import council as council_queries
from mehvar.directives.queries.days import today
from mehvar.directives.rules.lifecycle import Step
from mehvar.kernel.calendars import Calendar, StatedDate
from tests.factories.deliberation import Deliberation, deliberating_ministry, make_directive
from tests.functional.browsing import checked, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

TITLES = {
    "en": "Directive on smart industry",
    "vi": "Chỉ thị về công nghiệp thông minh",
    "fa": "دستورالعمل هوشمندسازی صنایع",
}
TASKS = {
    "en": "Assess the digital maturity of every plant within six months.",
    "vi": "Đánh giá mức độ trưởng thành số của từng nhà máy trong sáu tháng.",
    "fa": "بلوغ دیجیتال هر واحد صنعتی ظرف مدت شش ماه ارزیابی شود.",
}
LONGER = {"en": ("six", "nine"), "vi": ("sáu", "chín"), "fa": ("شش", "نه")}


@dataclass
class Case:
    team: Deliberation
    directive: Directive
    session: CouncilSession | None = None


def make_case(language: str) -> Case:
    team = deliberating_ministry(language=language)
    directive = make_directive(team.house.ministry, title=TITLES[language], language=language)
    directive.measures.update(text=TASKS[language])
    return Case(team, directive)


def path_of(name: str, *args: object) -> str:
    return reverse(f"directives:{name}", args=args)


def consulted(case: Case) -> list[Opinion]:
    """Open a round, let two offices speak and one be silent."""
    team, old_new = case.team, LONGER[case.directive.language]
    opened = consultation.open_round(
        team.officer,
        case.directive.pk,
        organisation_ids=team.office_ids,
        deadline_on=today() + timedelta(days=7),
    )
    invitations = list(opened.invitations.order_by("organisation__path"))
    task = case.directive.measures.all()[0]
    proposal = opinions.submit_opinion(
        team.deputies[0],
        invitations[0].pk,
        kind=OpinionKind.PROPOSAL,
        target=OpinionTarget.MEASURE,
        target_id=task.public_id,
        text=TITLES[case.directive.language],
        proposed_text=task.text.replace(*old_new),
    )
    opinion = opinions.submit_opinion(
        team.deputies[1],
        invitations[1].pk,
        kind=OpinionKind.OPINION,
        target=OpinionTarget.WHOLE,
        text=TASKS[case.directive.language],
    )
    return [proposal, opinion]


def answered(case: Case) -> None:
    proposal, opinion = consulted(case)
    officer = case.team.officer
    consultation.close_round(officer, proposal.invitation.round_id, reason="–")
    opinions.answer_opinion(
        officer, proposal.pk, answer=Answer.PARTLY, reason=TITLES[case.directive.language]
    )
    opinions.answer_opinion(officer, opinion.pk, answer=Answer.NOTED)
    lifecycle.advance(officer, case.directive.pk, Step.PUT_TO_COUNCIL)


def held(case: Case) -> CouncilSession:
    """Hold a session that returns the directive, revise it and put it before the minister."""
    officer, language = case.team.officer, case.directive.language
    answered(case)
    session = council.plan_session(
        officer, case.team.council.pk, held_on=today(), language=language, place="A 2"
    )
    agenda.build_agenda(officer, session.pk)
    council.begin_session(officer, session.pk)
    seats = list(council_queries.attendance_of(session))
    council.mark_attendance(officer, session.pk, {seat.pk: Presence(present=True) for seat in seats[:4]})
    council.conclude_item(
        officer,
        session.agenda.all()[0].pk,
        discussion=TASKS[language],
        conclusion=TITLES[language],
        decision=CouncilDecision.RETURNED,
    )
    resolutions.adopt_resolution(
        officer,
        session.pk,
        text=TASKS[language],
        owner_id=case.team.office_ids[0],
        due=StatedDate(today() + timedelta(days=30), Calendar.GREGORIAN, ""),
    )
    closed = council.close_session(officer, session.pk)
    opinions.apply_proposal(officer, Opinion.objects.order_by("pk")[0].pk)
    lifecycle.advance(officer, case.directive.pk, Step.SUBMIT_FOR_APPROVAL)
    return closed


def test_a_deputy_proposes_a_wording_at_the_clause(browser: Browser, live_server: LiveServer) -> None:
    case = make_case("en")
    consultation.open_round(
        case.team.officer,
        case.directive.pk,
        organisation_ids=case.team.office_ids,
        deadline_on=today() + timedelta(days=7),
    )
    page = signed_in(browser, live_server, case.team.deputies[0], "en", 1280).new_page()
    page.goto(live_server.url + path_of("consultation", case.directive.public_id))
    page.get_by_role("link", name="Read and comment").first.click()
    page.get_by_role("link", name="Comment on this measure I 1").click()
    page.get_by_label("Proposed wording").fill("Assess every plant within nine months.")
    page.get_by_label("Opinion or proposal").fill("Six months are too short.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article ins").first).to_contain_text("nine")
    opinion = Opinion.objects.get()
    assert (opinion.kind, opinion.proposed_text) == ("proposal", "Assess every plant within nine months.")
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("article")).to_have_count(0)
    page.context.close()


def test_an_officer_answers_and_brings_the_wording_into_the_text(
    browser: Browser, live_server: LiveServer
) -> None:
    case = make_case("en")
    proposal, _opinion = consulted(case)
    page = signed_in(browser, live_server, case.team.officer, "en", 1280).new_page()
    page.goto(live_server.url + path_of("consultation", case.directive.public_id))
    card = page.locator(f"#opinion-{proposal.pk}")
    card.get_by_label("Refused").check()
    card.get_by_role("button", name="Record the answer").click()
    expect(page.locator(".error-summary")).to_contain_text("Please state the reason.")
    page.get_by_label("Accepted", exact=True).check()
    page.get_by_role("button", name="Record the answer").click()
    card.get_by_role("button", name="Bring the wording into the text").click()
    expect(card).to_contain_text("part of the next edition")
    assert "nine" in case.directive.measures.all()[0].text
    page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["fa", "vi", "en"])
def test_consultation_pages_are_sound(
    browser: Browser, live_server: LiveServer, language: str, width: int
) -> None:
    case = make_case(language)
    pid = case.directive.public_id
    officer = signed_in(browser, live_server, case.team.officer, language, width).new_page()
    officer.goto(live_server.url + path_of("consultation_open", pid))
    checked(officer, f"open-{language}-{width}")
    proposal, _opinion = consulted(case)
    officer.goto(live_server.url + path_of("consultation_round", pid, 1))
    checked(officer, f"round-{language}-{width}")
    deputy = signed_in(browser, live_server, case.team.deputies[0], language, width).new_page()
    for name, address in {
        "own": path_of("consultation_round", pid, 1),
        "list": path_of("consultations"),
        "text": path_of("consultation_text", pid, 1),
        "opinion": path_of("opinion", pid, 1)
        + f"?target=measure&id={case.directive.measures.all()[0].public_id}",
    }.items():
        deputy.goto(live_server.url + address)
        checked(deputy, f"{name}-{language}-{width}")
    assert proposal.pk
    officer.context.close()
    deputy.context.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["fa", "vi", "en"])
def test_council_revision_and_decision_pages_are_sound(
    browser: Browser, live_server: LiveServer, language: str, width: int
) -> None:
    case = make_case(language)
    session = held(case)
    pid = case.directive.public_id
    officer = signed_in(browser, live_server, case.team.officer, language, width).new_page()
    second = council.plan_session(case.team.officer, case.team.council.pk, held_on=today(), language=language)
    resolution = session.resolutions.all()[0]
    for name, address in {
        "sessions": path_of("council"),
        "plan": path_of("session_plan"),
        "session": path_of("session", session.public_id),
        "agenda": path_of("agenda", second.public_id),
        "resolutions": path_of("resolutions"),
        "resolution": path_of("resolution", resolution.pk),
        "editions": path_of("editions", pid),
        "compare": path_of("compare", pid),
    }.items():
        officer.goto(live_server.url + address)
        checked(officer, f"{name}-{language}-{width}")
    council.begin_session(case.team.officer, second.pk)
    officer.goto(live_server.url + path_of("attendance", second.public_id))
    checked(officer, f"attendance-{language}-{width}")
    minister = signed_in(browser, live_server, case.team.minister, language, width).new_page()
    minister.goto(live_server.url + path_of("approval", pid))
    checked(minister, f"decision-{language}-{width}")
    officer.context.close()
    minister.context.close()
