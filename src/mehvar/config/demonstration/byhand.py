"""Write a short directive by hand and bring it to the minister's desk, so that every role finds something that waits."""

from datetime import date
from typing import TYPE_CHECKING

from mehvar.config.demonstration import cast
from mehvar.directives.actions import agenda, consultation, council, editor, measures, opinions
from mehvar.directives.actions.council import Presence
from mehvar.directives.data import Answer, CouncilDecision, OpinionKind, OpinionTarget
from mehvar.directives.queries import council as council_queries
from mehvar.kernel.calendars import Calendar
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.config.demonstration.walk import Walk
    from mehvar.directives.models import Directive

TITLE = "بخشنامه کاهش مراجعه حضوری به ادارات کل استان‌ها"
GOAL = "هیچ شهروندی برای خدمتی که وزارتخانه به‌صورت برخط ارائه می‌کند به اداره مراجعه نکند."
TASKS = (
    {
        "number": "1",
        "text": "سازمان فناوری اطلاعات ایران فهرست خدماتی را که هنوز مراجعه حضوری می‌خواهند با علت هر مراجعه منتشر کند.",
        "deliverable": "فهرست خدمات و علت مراجعه",
        "outcome_indicator": "مردم پیش از رفتن به اداره می‌دانند کدام خدمت برخط است.",
        "lead": ["سازمان فناوری اطلاعات ایران"],
        "due_raw": "تا پایان خرداد ۱۳۹۹",
    },
    {
        "number": "2",
        "text": "شرکت ملی پست برای مدارکی که باید تحویل شود پیشخوان پستی در هر شهرستان فراهم کند.",
        "deliverable": "پیشخوان پستی در شهرستان‌ها",
        "outcome_indicator": "مدرک به در خانه می‌رسد و سفر به مرکز استان لازم نیست.",
        "lead": ["شرکت ملی پست جمهوری اسلامی ایران"],
        "due_raw": "تا پایان شهریور ۱۳۹۹",
        "special_project": True,
    },
)


def write_by_hand(walk: "Walk") -> str:
    """Create the directive, consult one deputy, hold a short council and leave it with the minister."""
    officer = walk.people["planning"]
    directive = editor.create_directive(
        officer,
        issuer_code="ir.mict",
        title=TITLE,
        language="fa",
        goal=GOAL,
        theme=walk.theme_id,
        kind="circular",
    )
    for task in TASKS:
        measures.add_measure(officer, directive.pk, **task)
    consult(walk, directive)
    hold_council(walk, directive)
    return f"{len(TASKS)} measures; it waits for the minister"


def consult(walk: "Walk", directive: "Directive") -> None:
    """Ask two deputies; one gives an opinion, one has no comment."""
    officer = walk.people["planning"]
    keys = ("deputy.technology", "deputy.legal")
    bodies = {one.key: organisations.organisation(one.body) for one in cast.IRAN if one.key in keys}
    opened = consultation.open_round(
        officer,
        directive.pk,
        organisation_ids=[body.pk for body in bodies.values()],
        deadline_on=date(2020, 4, 19),
    )
    by_body = {row.organisation_id: row for row in opened.invitations.all()}
    opinions.declare_no_comment(walk.people["deputy.legal"], by_body[bodies["deputy.legal"].pk].pk)
    given = opinions.submit_opinion(
        walk.people["deputy.technology"],
        by_body[bodies["deputy.technology"].pk].pk,
        kind=OpinionKind.OPINION,
        target=OpinionTarget.WHOLE,
        text="با متن موافقیم؛ آمار مراجعه پیش و پس از اجرا نیز سنجیده شود.",
        submission_key="demo-by-hand",
    )
    opinions.answer_opinion(
        officer, given.pk, answer=Answer.NOTED, reason="سنجش در شاخص پیامد هر اقدام دیده شده است."
    )
    consultation.close_round(officer, opened.pk, reason="همهٔ واحدها پاسخ دادند.")


def hold_council(walk: "Walk", directive: "Directive") -> None:
    """Pass the directive in a second session of the council."""
    officer = walk.people["planning"]
    council.put_to_council(officer, directive.pk)
    committee = council_queries.committees_run_by(organisations.authority_of(officer)).get()
    session = council.plan_session(
        officer, committee.pk, held_on=date(2020, 4, 19), language="fa", calendar=Calendar.JALALI
    )
    agenda.build_agenda(officer, session.pk)
    council.begin_session(officer, session.pk)
    seats = {row.pk: Presence(present=True) for row in council_queries.attendance_of(session)}
    council.mark_attendance(officer, session.pk, seats, chaired_by="وزیر")
    for item in council_queries.agenda_of(session):
        council.conclude_item(
            officer,
            item.pk,
            discussion="متن خوانده شد.",
            conclusion="برای امضای وزیر ارسال شود." if item.directive_id else "پیگیری شود.",
            decision=CouncilDecision.PASSED if item.directive_id else CouncilDecision.NOTED,
        )
    council.write_minutes(officer, session.pk, "بخشنامه برای تصویب به وزیر ارائه شد.")
    council.close_session(officer, session.pk)
