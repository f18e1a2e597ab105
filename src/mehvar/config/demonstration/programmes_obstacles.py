"""Walk obstacles from raising to confirmation and up the levels, a committee's proposal, a meeting with stakeholders, recognition.

The lead's walk calls these in order, each under its own day: ``form_committees``, ``raise_obstacles``, ``hear_from_outside``,
``remove_one`` (some days later), ``let_clocks_run`` (a week later), ``decide_one``, ``propose_and_answer``, ``meet_stakeholders``,
``publish_recognition``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mehvar.directives.queries.days import today
from mehvar.kernel.outside import hash_of_code, new_tracking_code
from mehvar.organisations import queries as organisations
from mehvar.organisations.actions import committees
from mehvar.organisations.data import Capacity, CommitteeKind
from mehvar.programmes.actions import escalation, obstacles, proposals, recognition, stakeholders
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.actions.stakeholders import Promise
from mehvar.programmes.data import Cause, MeetingKind, ObstacleKind, ProposalAnswer
from mehvar.programmes.queries import obstacles as queries
from mehvar.programmes.queries import provinces as province_queries
from mehvar.programmes.queries import scope
from mehvar.programmes.rules.recognition import DEFAULT_WEIGHTS

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.config.demonstration.walk import Walk
    from mehvar.organisations.models import Organisation
    from mehvar.programmes.models import Obstacle

PROVINCES = ("yazd", "khorasan", "hormozgan")
LAND = Words(
    "واگذاری زمین مرکز داده استان انجام نشده است",
    "درخواست زمین از سال گذشته در دست بررسی است و پیمانکار بدون زمین نمی‌تواند کار را آغاز کند.",
    cause=Cause.LAND,
    decision_needed="تخصیص زمین از سوی اداره کل راه و شهرسازی استان",
    language="fa",
)
BUDGET = Words(
    "اعتبار تجهیز شبکه روستاها ابلاغ نشده است",
    "تخصیص سه‌ماهه نخست هنوز به استان نرسیده و قرارداد تأمین تجهیزات متوقف مانده است.",
    cause=Cause.BUDGET,
    decision_needed="ابلاغ تخصیص اعتبار سه‌ماهه نخست",
    language="fa",
)
DATA = Words(
    "نشانی واحدهای صنفی استان در دسترس سامانه نیست",
    "تا تبادل داده میان دو دستگاه برقرار نشود، نشانی‌ها باید دستی وارد شوند.",
    cause=Cause.DATA,
    decision_needed="برقراری تبادل داده میان دو دستگاه",
    language="fa",
)
GAP = Words(
    "مودم داخلی مقاوم برای روستاهای کوهستانی",
    "محصول موجود در دمای پایین از کار می‌افتد و قطعه یدکی ندارد.",
    kind=ObstacleKind.PRODUCT_GAP,
    cause=Cause.SUPPLY,
    product_need="مدارس و خانه‌های بهداشت روستایی",
    market_size="حدود ۱۲٬۰۰۰ دستگاه در سال",
    could_make="شرکت‌های مستقر در پارک فناوری اطلاعات استان",
    language="fa",
)
PERMIT = Words(
    "صدور مجوز حفاری برای فیبر نوری ماه‌ها طول می‌کشد",
    "برای هر خیابان درخواست جداگانه لازم است و مهلت پاسخ روشن نیست.",
    cause=Cause.LEGAL,
    decision_needed="مهلت پاسخ ده‌روزه و یک درخواست برای هر شهر",
    language="fa",
)


def body_of(person: User) -> Organisation:
    """Return the body at which a person sits."""
    return organisations.organisation_by_id(organisations.authority_of(person).organisation_ids[0])


def form_committees(walk: Walk) -> str:
    """Establish a provincial committee in each province, chaired by its director."""
    for key in PROVINCES:
        person = walk.people[key]
        body = body_of(person)
        committee = committees.establish_committee(
            person,
            organisation_id=body.pk,
            kind=CommitteeKind.PROVINCIAL,
            name=f"کمیته استانی · {body.name_fa}",
            mandate="بررسی موانع اجرای برنامه‌ها در استان و ارائه پیشنهاد به وزارتخانه.",
            established_on=today(),
        )
        committees.seat_member(person, committee.pk, capacity=Capacity.CHAIR, user_id=person.pk)
    return f"{len(PROVINCES)} provincial committees, chaired by their directors"


def raise_obstacles(walk: Walk) -> str:
    """Let three provinces raise what is in their way, and one report a product that the market lacks."""
    for key, words in zip(PROVINCES, (LAND, BUDGET, DATA), strict=True):
        _raise(walk, key, words)
    obstacles.raise_obstacle(walk.people["yazd"], GAP, raised_by_id=body_of(walk.people["yazd"]).pk)
    return "3 obstacles and 1 product gap; each body has three working days"


def _raise(walk: Walk, key: str, words: Words) -> Obstacle:
    person = walk.people[key]
    delivery = scope.reportable(organisations.authority_of(person)).order_by("due_on", "pk").first()
    return obstacles.raise_obstacle(
        person,
        words,
        raised_by_id=body_of(person).pk,
        delivery_public_id=delivery.public_id if delivery else "",
    )


def hear_from_outside(walk: Walk) -> str:
    """Take what a firm tells through the public form, assign it, and release it in an officer's words."""
    code = new_tracking_code()
    province = organisations.line_above(body_of(walk.people["khorasan"]).path).filter(type="province").last()
    row = obstacles.raise_from_outside(
        PERMIT,
        name="یک شرکت ارتباطی",
        contact="",
        tracking_sha256=hash_of_code(code),
        submission_key=f"demonstration-{code}",
        province_id=province.pk if province else None,
    )
    officer = walk.people["planning"]
    row = obstacles.assign(
        officer,
        row.public_id,
        owner_id=body_of(walk.people["khorasan"]).pk,
        reason="در حوزه اختیار اداره کل استان است.",
        version=row.version,
    )
    obstacles.publish(
        walk.people["pr"],
        row.public_id,
        title="طولانی بودن صدور مجوز حفاری برای فیبر نوری",
        words="شرکت‌ها می‌گویند برای هر خیابان درخواست جداگانه لازم است. دستگاه مسئول در حال پیگیری است.",
        version=row.version,
    )
    return f"a firm's obstacle, to be followed with the code {code} at /programmes/public/obstacles/track/"


def remove_one(walk: Walk) -> str:
    """Remove one obstacle at the body, confirmed by who raised it."""
    person = walk.people["hormozgan"]
    row = _of(walk, DATA)
    row = obstacles.propose_remedy(
        person,
        row.public_id,
        remedy="خدمت تبادل داده با دستگاه مقابل راه‌اندازی می‌شود.",
        due_on=today() + timedelta(days=7),
        version=row.version,
    )
    row = obstacles.report_remedied(
        person, row.public_id, note="خدمت برقرار شد و نشانی‌ها دریافت می‌شود.", version=row.version
    )
    obstacles.confirm(person, row.public_id, version=row.version)
    return "1 obstacle gone, confirmed by who raised it"


def let_clocks_run(walk: Walk) -> str:
    """Run the clocks of this day: what was not removed climbs, level by level."""
    climbed = escalation.escalate_due_obstacles()
    waiting = queries.waiting_for_decision(organisation=body_of(walk.people["minister"])).count()
    return f"{climbed} obstacles climbed, {waiting} wait for a decision at the ministry"


def decide_one(walk: Walk) -> str:
    """Decide, as the minister, on the obstacle that climbed; the other stays for the stocktake."""
    row = _of(walk, LAND)
    obstacles.decide(
        walk.people["minister"],
        row.public_id,
        decision="معاون حقوقی موضوع را با وزارت راه و شهرسازی به نتیجه برساند و زمین ظرف ده روز تحویل شود.",
        due_on=today() + timedelta(days=10),
        version=row.version,
        owner_id=body_of(walk.people["deputy.legal"]).pk,
    )
    return "1 decision with owner and date"


def propose_and_answer(walk: Walk) -> str:
    """Let two committees propose; the ministry answers one, the other waits."""
    for key, title in (
        ("yazd", "اولویت فیبر نوری برای شهرک‌های صنعتی استان"),
        ("khorasan", "تفویض صدور مجوزهای محلی به کمیته استانی"),
    ):
        person = walk.people[key]
        committee = province_queries.committees_for(organisations.authority_of(person))[0]
        proposals.propose(
            person,
            committee.pk,
            title=title,
            text="کمیته پس از بررسی با دستگاه‌های استان این پیشنهاد را تصویب کرد.",
        )
    first = province_queries.proposals_to_answer(organisations.authority_of(walk.people["planning"])).first()
    if first is None:
        raise RuntimeError("no proposal waits for an answer")
    proposals.answer(
        walk.people["planning"],
        first.public_id,
        given=ProposalAnswer.PARTLY,
        reason="برای شهرک‌های دارای برنامه مصوب پذیرفته شد؛ بقیه در برنامه سال بعد بررسی می‌شود.",
        version=first.version,
    )
    return "2 proposals, 1 answered with its reason"


def meet_stakeholders(walk: Walk) -> str:
    """Write down a meeting with the governor's office and members of parliament, with what was promised."""
    person = walk.people["yazd"]
    stakeholders.record_meeting(
        person,
        body_of(person).pk,
        held_on=today(),
        kind=MeetingKind.GOVERNOR,
        with_whom="استاندار و نمایندگان استان در مجلس",
        subject="رفع موانع اجرای دستورالعمل جهش تولید در استان",
        notes="گزارش پیشرفت ارائه و موانع زمین و اعتبار مطرح شد.",
        promises=(
            Promise("تعیین تکلیف زمین مرکز داده", "استانداری", today() + timedelta(days=21)),
            Promise("پیگیری ردیف اعتباری در کمیسیون", "مجمع نمایندگان استان", today() + timedelta(days=45)),
        ),
    )
    return "1 meeting, 2 commitments that are followed up"


def publish_recognition(walk: Walk, period: str = "1399") -> str:
    """Publish the criteria by which provinces will be recognised at the end of the period."""
    officer = walk.people["planning"]
    row = recognition.draft_edition(
        officer,
        title="تقدیر از استان‌های برتر در اجرای برنامه‌های سال",
        period=period,
        weights={code.value: weight for code, weight in DEFAULT_WEIGHTS.items()},
        note="معیارها پیش از پایان دوره منتشر شده‌اند؛ ارقام همه استان‌ها پس از پایان دوره همین‌جا می‌آید.",
    )
    recognition.publish_criteria(officer, row.public_id, version=row.version)
    return f"criteria for {period} are public"


def _of(walk: Walk, words: Words) -> Obstacle:
    """Return the obstacle that was raised with these words."""
    rows = queries.visible_obstacles(organisations.authority_of(walk.people["planning"]))
    return rows.get(title=words.title)
