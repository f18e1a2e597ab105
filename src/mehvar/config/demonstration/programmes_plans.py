"""Take the promulgated Persian directive through a programme, a call for plans, the plans of three provinces and their review.

Plain functions in the order of the walk; each gives what it did in a few words.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from mehvar.directives.queries.days import today
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.text import to_persian_digits
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import calls, plans, programmes, reviews, templates
from mehvar.programmes.actions.plans import ItemEdit
from mehvar.programmes.data import ProductClass
from mehvar.programmes.queries import audience
from mehvar.programmes.queries import plans as plan_queries
from mehvar.programmes.queries import programmes as programme_queries
from mehvar.programmes.queries.audience import Audience
from mehvar.programmes.rules.plans import BudgetAmount, ItemContent, MilestoneLine, ProgrammeStep

if TYPE_CHECKING:
    from mehvar.config.demonstration.walk import Walk
    from mehvar.programmes.models import Plan, PlanCall, Programme

PERSIAN = "fa-1399-production-leap"
TITLE = "جهش تولید در فناوری اطلاعات و ارتباطات"
DAYS_TO_FILE = 30
PROVINCES = ("yazd", "khorasan", "hormozgan")
OFFICE = "معاونت توسعه و فناوری اداره کل"


def start_programme(walk: Walk) -> str:
    """Gather the directive's measures into a programme by field, split them by product class, and begin it."""
    officer, directive = walk.people["planning"], walk.directive(PERSIAN)
    programme = programmes.create_programme(
        officer,
        title=TITLE,
        organisation_code="ir.mict",
        language="fa",
        calendar=Calendar.JALALI,
        purpose="پیشبرد اقدام‌های دستورالعمل در حوزه‌های آن و دریافت برنامه عملیاتی استان‌ها.",
        starts_on=today(),
        ends_on=date(2021, 3, 20),
        theme_id=walk.theme_id or None,
    )
    number = programmes.gather_directive(officer, programme.pk, directive.pk)
    for row in list(programme_queries.measures_of(programme.pk))[::2]:
        programmes.edit_measure(officer, row.pk, version=row.version, product_class=ProductClass.CURRENT)
    programmes.advance(officer, programme.pk, ProgrammeStep.BEGIN)
    templates.load_shipped(officer, "shahkar-to-gnaf", "fa")
    return f"{number} measures gathered by field, and the template of Shahkar for GNAF"


def open_call(walk: Walk) -> str:
    """Call all provinces to file their operational plans within a month."""
    officer, programme = walk.people["planning"], programme_of(walk)
    bodies = audience.bodies_of(Audience.PROVINCES, "ir", today())
    industrial = audience.bodies_of(Audience.INDUSTRIAL, "ir", today())
    chosen = [row.pk for row in list(programme_queries.measures_of(programme.pk))[:4]]
    calls.open_call(
        officer,
        programme.pk,
        title="برنامه عملیاتی استان‌ها برای جهش تولید",
        deadline_on=today() + timedelta(days=DAYS_TO_FILE),
        organisation_ids=[body.pk for body in bodies],
        guidance="برای هر اقدام دست‌کم یک ردیف با واحد مسئول، نقطه عطف، تاریخ، شاخص و بودجه بنویسید.",
        required=("owner", "milestone", "date", "indicator"),
        currency="IRR",
        measure_ids=chosen,
    )
    return f"{len(bodies)} provinces called, {len(industrial)} of them industrial"


def file_plans(walk: Walk) -> str:
    """Let three provinces fill their plans; two submit, the third is still drafting."""
    for key in PROVINCES:
        _fill(walk, key)
    for key in PROVINCES[:2]:
        reviews.submit_plan(walk.people[key], _plan(walk, key).pk)
    return "two plans submitted, one being drafted, the rest silent"


def review_plans(walk: Walk) -> str:
    """Accept the first plan; return the second with a remark, which is followed, submitted again and accepted."""
    officer, (first, second) = walk.people["planning"], PROVINCES[:2]
    reviews.accept_plan(officer, _plan(walk, first).pk, reason="کامل و دقیق است.")
    returned = _plan(walk, second)
    item = plan_queries.items_of(returned.pk)[0]
    remark = reviews.add_remark(
        officer, returned.pk, "نام واحدهای صنعتی را بنویسید.", item_public_id=item.public_id
    )
    reviews.return_plan(officer, returned.pk)
    person = walk.people[second]
    better = replace(item.content, target="۱۲ واحد صنعتی با نام در پیوست")
    plans.save_items(person, returned.pk, [ItemEdit(better, item.public_id, item.version, item.number)])
    reviews.settle_remark(person, remark.pk)
    reviews.submit_plan(person, returned.pk)
    reviews.accept_plan(officer, returned.pk)
    return "one accepted at once, one returned with a remark, improved and accepted"


def programme_of(walk: Walk) -> Programme:
    """Give the demonstration's programme."""
    rows = programme_queries.visible_programmes(organisations.authority_of(walk.people["planning"]))
    return rows.get(title=TITLE)


def call_of(walk: Walk) -> PlanCall:
    """Give the demonstration's call."""
    return programme_of(walk).calls.get()


def _plan(walk: Walk, key: str) -> Plan:
    authority = organisations.authority_of(walk.people[key])
    return (
        plan_queries.fileable_plans(authority)
        .select_related("call__programme__organisation", "organisation")
        .get(call=call_of(walk))
    )


def _fill(walk: Walk, key: str) -> None:
    """Fill a province's plan: the item that stands for each measure asked, the second after the first."""
    person, plan = walk.people[key], _plan(walk, key)
    plans.begin_plan(person, plan.pk)
    begin = today()
    begun = {item.content.source_id: item for item in plan_queries.items_of(plan.pk)}
    edits = []
    for number, measure in enumerate(plan_queries.measures_asked(plan), 1):
        due = programme_queries.due_of(measure) or begin + timedelta(days=150)
        due = max(due, begin + timedelta(days=60))
        edits.append(
            ItemEdit(
                ItemContent(
                    text=f"اجرای استانی: {programme_queries.text_of(measure)[:300]}",
                    source_id=measure.pk,
                    owner_office=OFFICE,
                    starts_on=begin,
                    due_on=due,
                    indicator=measure.outcome_indicator or "سهم واحدهای برخوردار",
                    target=f"{to_persian_digits(str(10 * number))} درصد",
                    product_class=measure.product_class,
                    milestones=(
                        MilestoneLine("پایان شناسایی واحدها", begin + timedelta(days=30)),
                        MilestoneLine("پایان اجرا", due),
                    ),
                    budget=(
                        BudgetAmount("هزینه اجرا", Decimal(number * 500_000_000), "IRR", "اعتبارات استانی"),
                    ),
                    needs=(number - 1,) if number == 2 else (),  # noqa: PLR2004 - the second after the first
                ),
                public_id=begun[measure.pk].public_id,
                version=begun[measure.pk].version,
                number=number,
            )
        )
    plans.save_items(person, plan.pk, edits)
