"""Take the demonstration through a stocktake, a flagship project and a performance report; the walk calls these on their days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mehvar.directives.actions.council import Presence
from mehvar.directives.queries import council
from mehvar.directives.queries.days import today
from mehvar.kernel.calendars import Calendar, StatedDate, add_months, format_date
from mehvar.kernel.periods import Kind, Period
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import flagships, performance, stocktakes
from mehvar.programmes.queries import stocktakes as queries

if TYPE_CHECKING:
    from mehvar.config.demonstration.walk import Walk

DECISIONS = (
    ("تامین تجهیزات استان‌های عقب‌مانده در دستور کار فوری قرار گیرد.", "ir.mict"),
    ("دستگاه‌هایی که گزارش نداده‌اند ظرف یک ماه گزارش پیشرفت خود را ارائه کنند.", "ir.mict"),
)


def hold_stocktake(walk: Walk) -> str:
    """Hold a stocktake of the council of deputies with two decisions, and end it."""
    officer = walk.people["planning"]
    committee_id, _name = queries.committees_for(organisations.authority_of(officer))[0]
    row = stocktakes.plan_stocktake(
        officer,
        title="جلسه پایش برنامه‌های تحول و جهش تولید",
        committee_id=committee_id,
        held_on=today(),
        language="fa",
        calendar=Calendar.JALALI.value,
    )
    if row.session is None:
        return "no session"
    present = {seat.pk: Presence(present=True) for seat in council.attendance_of(row.session)}
    stocktakes.begin_stocktake(officer, row.public_id, version=row.version, presences=present)
    due = add_months(today(), 1, Calendar.JALALI)
    stated = StatedDate(due, Calendar.JALALI, format_date(due, Calendar.JALALI, "fa", "numeric"))
    for text, owner in DECISIONS:
        owner_id = organisations.organisation(owner).pk
        stocktakes.decide(officer, row.public_id, text=text, owner_id=owner_id, due=stated)
    row.refresh_from_db()
    ended = stocktakes.end_stocktake(officer, row.public_id, version=row.version)
    return f"{len(DECISIONS)} decisions, {ended.figures['red']['count']} red deliveries on the wall"


def list_flagship(walk: Walk) -> str:
    """Put one project with its identity sheet on the public list."""
    keeper = walk.people["planning"]
    sheet = {
        "fa": {
            "name": "نشانی ملی مکان‌محور (جی‌نف)",
            "summary": "هر مکان کشور نشانی یکتا و کد پستی معتبر دارد و دستگاه‌ها آن را از یک مرجع می‌خوانند.",
            "people_feel": "مردم نشانی خود را یک بار ثبت می‌کنند و دیگر جایی از آنها خواسته نمی‌شود.",
        },
        "vi": {
            "name": "Địa chỉ quốc gia theo vị trí (GNAF)",
            "summary": "Mỗi địa điểm có một địa chỉ duy nhất; các cơ quan đọc từ cùng một nguồn.",
            "people_feel": "Người dân chỉ khai địa chỉ một lần, không phải khai lại ở nơi khác.",
        },
        "en": {
            "name": "National address by location (GNAF)",
            "summary": "Every place has one address and postcode, read by all bodies from one source.",
            "people_feel": "People register their address once and are not asked for it again.",
        },
    }
    criteria = {
        "drives_others": "خدمات بسیاری بر نشانی معتبر استوار است.",
        "people_feel": "مراجعه برای تایید نشانی حذف می‌شود.",
        "repeatable": "روش آن در همه استان‌ها یکسان است.",
    }
    row = flagships.draft_flagship(
        keeper, title="نشانی ملی مکان‌محور", mark="driver", criteria=criteria, sheet=sheet
    )
    flagships.list_flagship(keeper, row.public_id, version=row.version)
    return "one identity sheet in three languages"


def freeze_performance(walk: Walk) -> str:
    """Freeze the ministry's report on the present Jalali year and publish it."""
    period = Period.containing(today(), Kind.YEAR, Calendar.JALALI)
    row = performance.freeze_report(walk.people["planning"], body="", period=period.id, language="fa")
    performance.publish_report(walk.people["minister"], row.public_id)
    return f"{row.content['numbers']['due']['value']} measures counted for {period.id}"
