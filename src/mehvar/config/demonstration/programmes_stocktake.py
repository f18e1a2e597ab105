"""Take the demonstration through a stocktake, a flagship project and a performance report; the walk calls these on their days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mehvar.config.demonstration.programmes_plans import programme_of
from mehvar.directives.actions.council import Presence
from mehvar.directives.queries import council
from mehvar.directives.queries.days import today
from mehvar.kernel.calendars import Calendar, StatedDate, add_months, format_date
from mehvar.kernel.periods import Kind, Period
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import flagships, performance, stocktakes
from mehvar.programmes.queries import programmes as programme_queries
from mehvar.programmes.queries import stocktakes as queries

if TYPE_CHECKING:
    from mehvar.config.demonstration.walk import Walk
    from mehvar.programmes.models import Flagship

DECISIONS = (
    ("تأمین تجهیزات استان‌های عقب‌مانده در دستور کار فوری قرار گیرد.", "ir.mict"),
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


ADDRESS = {
    "fa": {
        "name": "نشانی ملی مکان‌محور (جینف)",
        "summary": "هر مکان کشور نشانی یکتا و کد پستی معتبر دارد و دستگاه‌ها آن را از یک مرجع می‌خوانند.",
        "people_feel": "مردم نشانی خود را یک بار ثبت می‌کنند و دیگر جایی از آن‌ها خواسته نمی‌شود.",
    },
    "vi": {
        "name": "Địa chỉ quốc gia theo vị trí (GNAF)",
        "summary": "Mỗi địa điểm có một địa chỉ duy nhất; các cơ quan dùng chung một nguồn dữ liệu.",
        "people_feel": "Người dân chỉ khai địa chỉ một lần, không phải khai lại ở nơi khác.",
    },
    "en": {
        "name": "National address by location (GNAF)",
        "summary": "Every place has one address and postcode, read by all bodies from one source.",
        "people_feel": "People register their address once and are not asked for it again.",
    },
}
SMART = {
    "fa": {
        "name": "هوشمندسازی صنایع در استان‌ها",
        "summary": "واحدهای صنعتی هر استان بلوغ دیجیتال خود را می‌سنجند و با راه‌حل‌های داخلی نوسازی می‌شوند.",
        "people_feel": "کار ماهرانه و پایدار در شهرهای دور از پایتخت پدید می‌آید.",
    },
    "vi": {
        "name": "Công nghiệp thông minh tại các tỉnh",
        "summary": "Doanh nghiệp ở mỗi tỉnh tự đánh giá mức độ số hóa và đổi mới bằng giải pháp trong nước.",
        "people_feel": "Việc làm ổn định, cần tay nghề có ở cả những nơi xa Thủ đô.",
    },
    "en": {
        "name": "Smart industry in the provinces",
        "summary": "Firms of each province measure their digital maturity and renew themselves with home-made solutions.",
        "people_feel": "Skilled and steady work appears in towns far from the capital.",
    },
}


def list_flagship(walk: Walk) -> str:
    """Put two projects with their identity sheets on the public list: one rests on a single measure, one on the programme."""
    keeper, programme = walk.people["planning"], programme_of(walk)
    measure = next(iter(programme_queries.measures_of(programme.pk)))
    _listed(
        walk,
        "نشانی ملی مکان‌محور",
        mark="driver",
        sheet=ADDRESS,
        criteria={
            "drives_others": "خدمات بسیاری بر نشانی معتبر استوار است.",
            "people_feel": "مراجعه برای تأیید نشانی حذف می‌شود.",
            "repeatable": "روش آن در همه استان‌ها یکسان است.",
        },
        measure_id=measure.pk,
    )
    row = _listed(
        walk,
        "هوشمندسازی صنایع",
        mark="hope_giving",
        sheet=SMART,
        criteria={
            "people_feel": "کار ماهرانه در استان‌ها پدید می‌آید.",
            "home_made": "راه‌حل‌ها از شرکت‌های داخلی است.",
            "verified_progress": "پیشرفت را دستگاهی دیگر تأیید می‌کند.",
        },
        programme_id=programme.pk,
    )
    flagships.note_presented(keeper, row.public_id, version=row.version)
    return "two identity sheets in three languages"


def _listed(walk: Walk, title: str, **given: Any) -> Flagship:
    keeper = walk.people["planning"]
    row = flagships.draft_flagship(keeper, title=title, **given)
    return flagships.list_flagship(keeper, row.public_id, version=row.version)


def freeze_performance(walk: Walk) -> str:
    """Freeze the ministry's report on the present Jalali year and publish it."""
    period = Period.containing(today(), Kind.YEAR, Calendar.JALALI)
    row = performance.freeze_report(walk.people["planning"], body="", period=period.id, language="fa")
    performance.publish_report(walk.people["minister"], row.public_id)
    return f"{row.content['numbers']['due']['value']} measures counted for {period.id}"
