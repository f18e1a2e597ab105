"""Documents as offices write them: plans of a province, circulars, minutes of councils, cabinet resolutions."""

from collections.abc import Callable
from datetime import date

import pytest

from mehvar.directives.extraction import Extraction, Role
from mehvar.directives.extraction.dues import DueContext, find_in_prose, read_due
from mehvar.kernel.calendars import Calendar
from mehvar.organisations.rules.matching import BodyRegister, read_bodies

Reader = Callable[[str], Extraction]
ON = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Sở Tài chính tỉnh Bắc Ninh", ["Sở Tài chính tỉnh Bắc Ninh"]),
        ("Công an TP Hà Nội; Sở GTVT Hà Nội", ["Công an thành phố Hà Nội", "Sở Giao thông vận tải Hà Nội"]),
        (
            "UBND huyện Gia Bình và UBND thị xã Thuận Thành",
            ["Ủy ban nhân dân huyện Gia Bình", "Ủy ban nhân dân thị xã Thuận Thành"],
        ),
        ("UBND thành phố Quảng Ngãi", ["Ủy ban nhân dân thành phố Quảng Ngãi"]),
        ("Cục Tin học hóa - Bộ TT&TT, Bộ Y tế", ["Cục Tin học hóa", "Bộ Y tế"]),
        ("các Bộ: Công an, Tư pháp, Nội vụ", ["Bộ Công an", "Bộ Tư pháp", "Bộ Nội vụ"]),
        ("các sở, ngành: Xây dựng, Quy hoạch - Kiến trúc", ["Sở Xây dựng", "Sở Quy hoạch - Kiến trúc"]),
        ("Cục Thủy sản; Cục Kiểm ngư", ["Cục Thủy sản", "Cục Kiểm ngư"]),
    ],
)
def test_vietnamese_bodies_by_place_and_by_shared_heads(
    vn: BodyRegister, text: str, names: list[str]
) -> None:
    found = read_bodies(text, vn, on=ON)
    assert found.names == names
    assert not found.doubts


@pytest.mark.parametrize(
    ("text", "day", "names"),
    [
        ("شهرداری‌ها، دهیاری‌ها", ON, ["شهرداری‌ها", "دهیاری‌ها"]),
        ("اداره کل راه و شهرسازی استان یزد", ON, ["اداره کل راه و شهرسازی استان یزد"]),
        ("اتاق بازرگانی یزد", ON, ["اتاق بازرگانی یزد"]),
        ("ناجا", date(2019, 5, 1), ["نیروی انتظامی جمهوری اسلامی ایران"]),
        ("فراجا", ON, ["فرماندهی انتظامی جمهوری اسلامی ایران"]),
        ("معاونت علمی", date(2019, 5, 1), ["معاونت علمی و فناوری ریاست جمهوری"]),
    ],
)
def test_persian_bodies_by_place_and_by_day(ir: BodyRegister, text: str, day: date, names: list[str]) -> None:
    found = read_bodies(text, ir, on=day)
    assert found.names == names
    assert not found.doubts


def test_american_spelling_is_the_same_name(ir: BodyRegister) -> None:
    found = read_bodies("Information Technology Organization of Iran", ir, on=ON, language="en")
    assert found.mentions[0].code == "ir.mict.ito"
    assert not found.doubts


def test_a_provincial_plan_with_prose_and_a_header_on_two_rows(read_vn: Reader) -> None:
    found = read_vn(
        "KẾ HOẠCH\n\nBắc Ninh, ngày 18 tháng 02 năm 2024\n\nCải cách hành chính năm 2024\n\nI. TỔ CHỨC THỰC HIỆN\n\n"
        "1. Sở Tài chính tỉnh Bắc Ninh chủ trì, phối hợp Sở Nội vụ bố trí kinh phí trước ngày 31/3/2024.\n\n"
        "2. UBND huyện Gia Bình thí điểm bộ phận một cửa hiện đại trong quý III/2024.\n\n"
        "3. Đề nghị Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh giám sát việc giải quyết hồ sơ của người dân.\n\n"
        "| STT | Nhiệm vụ | Cơ quan | Cơ quan | Thời gian | Thời gian |\n|:-:|---|---|---|---|---|\n"
        "| | | Chủ trì | Phối hợp | Bắt đầu | Kết thúc |\n| I. Thể chế | | | | | |\n"
        "| 1 | Rà soát văn bản của tỉnh | Sở Tư pháp | - Sở Tài chính<br>- UBND cấp huyện | 2/2024 | 30/11/2024 |\n"
    )
    leads = [measure.names(Role.LEAD) for measure in found.measures]
    assert leads == [
        ["Sở Tài chính tỉnh Bắc Ninh"],
        ["Ủy ban nhân dân huyện Gia Bình"],
        ["Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh"],
        ["Sở Tư pháp"],
    ]
    row = found.measures[-1]
    assert (row.section, row.number) == ("I", "1")
    assert row.names(Role.COORDINATING) == ["Sở Tài chính", "@districts"]
    assert (row.due.kind, str(row.due.start), str(row.due.end)) == ("range", "2024-02-01", "2024-11-30")
    assert not any(measure.flags for measure in found.measures)


def test_conclusions_of_a_meeting(read_vn: Reader) -> None:
    found = read_vn(
        "THÔNG BÁO\n\nKết luận của Chủ tịch UBND thành phố Hà Nội tại phiên họp ngày 05 tháng 4 năm 2023\n\n"
        "Chủ tịch UBND Thành phố kết luận như sau:\n\n1. Về tiến độ giải phóng mặt bằng\n\n"
        "Giao UBND huyện Đông Anh hoàn thành bàn giao mặt bằng trước 30/6/2023.\n\n"
        "2. Về đề xuất của UBND TP. Hải Phòng: đồng ý về nguyên tắc, giao Sở Xây dựng hướng dẫn thực hiện.\n\n"
        "3. Kho bạc Nhà nước Hà Nội giải ngân kịp thời cho các dự án đã đủ hồ sơ.\n\n"
        "4. Giám đốc các Sở: Nội vụ, Tư pháp; Chánh Thanh tra Thành phố chịu trách nhiệm triển khai kết luận.\n\n"
        "5. Các doanh nghiệp ngành xây dựng: chủ động nguồn vật liệu, hoàn thành trước mùa mưa bão.\n"
    )
    assert found.signed_on == date(2023, 4, 5)
    leads = [measure.names(Role.LEAD) for measure in found.measures]
    assert leads == [
        ["Ủy ban nhân dân huyện Đông Anh"],
        ["Sở Xây dựng"],
        ["Kho bạc Nhà nước Hà Nội"],
        ["Sở Nội vụ", "Sở Tư pháp", "Thanh tra thành phố"],
        ["Các doanh nghiệp ngành xây dựng"],
    ]
    assert [flag.code for flag in found.measures[-1].flags] == ["unclear-due"]


def test_an_item_with_its_own_deadline_is_a_task_beside_its_points(read_vn: Reader) -> None:
    found = read_vn(
        "CHỈ THỊ\n\nHà Nội, ngày 22 tháng 7 năm 2019\n\nBộ trưởng Bộ Nông nghiệp và Phát triển nông thôn chỉ thị:\n\n"
        "1. Tổng cục Phòng, chống thiên tai chủ trì, phối hợp với Tổng cục Thủy lợi rà soát các trọng điểm, báo cáo Bộ trước ngày 15/8/2019, cụ thể:\n\n"
        "a) Đối với tuyến đê cấp III, hoàn thành kiểm tra trong tháng 8 năm 2019;\n\nb) Đối với hồ chứa: lập phương án ứng phó.\n"
    )
    assert [f"{m.section}/{m.number}" for m in found.measures] == ["/1", "1/a", "1/b"]
    assert str(found.measures[0].due.end) == "2019-08-15"
    assert {tuple(m.names(Role.LEAD)) for m in found.measures} == {("Tổng cục Phòng, chống thiên tai",)}


def test_a_duty_without_a_readable_body_is_never_lost_silently(read_vn: Reader, read_ir: Reader) -> None:
    vietnamese = read_vn(
        "THÔNG BÁO\n\nHà Nội, ngày 01 tháng 3 năm 2023\n\n1. Bộ Y tế hoàn thành hồ sơ sức khỏe trước ngày 30/6/2023.\n\n"
        "Ai nấy đều phải hoàn thành phần việc của mình theo kế hoạch đã được duyệt.\n"
    )
    persian = read_ir(
        "بخشنامه\n\nتاریخ: ۱۳۹۷/۱۱/۰۳\n\n۱- وزارت نیرو ظرف یک ماه گزارش خود را ارائه دهد.\n\n"
        "۲- مسئولیت اجرای این بخشنامه با بالاترین مقام دستگاه است.\n"
    )
    assert len(vietnamese.measures) == len(persian.measures) == 1
    seen = " ".join(measure.text for measure in vietnamese.measures)
    assert "Ai nấy" in seen or "unread-obligation" in {flag.code for flag in vietnamese.flags}
    assert "unread-obligation" in {flag.code for flag in persian.flags}


def test_minutes_name_the_body_after_the_cue_or_as_the_agent(read_ir: Reader) -> None:
    found = read_ir(
        "صورتجلسه کمیسیون توسعه دولت الکترونیک\nتاریخ جلسه: ۱۴۰۱/۰۷/۲۵\n"
        "حاضرین: نمایندگان وزارت کشور، وزارت دادگستری، سازمان برنامه و بودجه کشور\nدستور جلسه: بررسی وضعیت پنجره ملی خدمات\nمصوبات:\n"
        "۱. مقرر شد سازمان ثبت احوال کشور ظرف دو هفته سرویس استعلام هویت را ارائه دهد.\n"
        "۲. مقرر گردید گزارش پیشرفت اتصال توسط سازمان فناوری اطلاعات ایران هر ماه تهیه شود.\n"
        "۳. با توجه به تأخیر، مقرر شد شرکت توانیر نسبت به معرفی نماینده حداکثر تا پایان آبان ماه سال جاری اقدام کند.\n"
        "۴. سازمان برنامه و بودجه کشور اعتبار مورد نیاز این مصوبه را در لوایح سنواتی پیش‌بینی می‌نماید.\n"
    )
    leads = [measure.names(Role.LEAD) for measure in found.measures]
    assert leads == [
        ["سازمان ثبت احوال کشور"],
        ["سازمان فناوری اطلاعات ایران"],
        ["شرکت توانیر"],
        ["سازمان برنامه و بودجه کشور"],
    ]
    assert str(found.measures[2].due.end) == "2022-11-21"
    assert not any(measure.flags for measure in found.measures)


def test_a_cabinet_resolution_with_notes_and_shared_ministries(read_ir: Reader) -> None:
    found = read_ir(
        "تصویب‌نامه هیئت وزیران\nتاریخ: ۱۴۰۱/۰۵/۱۲\nهیئت وزیران در جلسه ۱۴۰۱/۰۵/۰۹ به پیشنهاد وزارت ارتباطات و فناوری اطلاعات تصویب کرد:\n"
        "ماده ۱- کلیه دستگاه‌های اجرایی مکلفند ظرف شش ماه از تاریخ ابلاغ این تصویب‌نامه، نشانی یکتا را به کار برند.\n"
        "تبصره- شهرداری‌ها و دهیاری‌ها مکلف به همکاری با شرکت ملی پست هستند.\n"
        "ماده ۲- وزارت کشور (سازمان شهرداری‌ها و دهیاری‌های کشور) با همکاری بنیاد مسکن انقلاب اسلامی موظف است تا پایان سال ۱۴۰۱ پلاک‌گذاری کند.\n"
        "ماده ۳- به منظور اجرای این تصویب‌نامه، وزارتخانه‌های راه و شهرسازی، نیرو و نفت اقدامات زیر را انجام می‌دهند:\n"
        "الف- حذف نشانی‌های توصیفی از قبوض حداکثر تا پایان اسفند ۱۴۰۱.\n"
    )
    assert [(m.section, m.number) for m in found.measures] == [
        ("", "1"),
        ("1", "تبصره"),
        ("", "2"),
        ("3", "الف"),
    ]
    assert found.measures[1].names(Role.LEAD) == ["شهرداری‌ها", "دهیاری‌ها"]
    assert found.measures[2].names(Role.LEAD) == ["وزارت کشور"]
    assert found.measures[3].names(Role.LEAD) == ["وزارت راه و شهرسازی", "وزارت نیرو", "وزارت نفت"]


def test_english_groups_and_adoption(read_ir: Reader) -> None:
    found = read_ir(
        "# Decision on Digital Services\n\nAdopted on 14 February 2023 by the Supreme Administrative Council\n\n"
        "1. All executive bodies shall publish their services within three months of adoption.\n\n"
        "2. Provincial directorates of ICT shall report progress every quarter.\n"
    )
    assert [m.names(Role.LEAD) for m in found.measures] == [
        ["All executive bodies"],
        ["Provincial directorates of ICT"],
    ]
    assert str(found.measures[0].due.end) == "2023-05-14"
    assert not any(m.flags for m in found.measures)


def test_a_deadline_without_a_year_is_trusted_only_while_it_lies_ahead() -> None:
    spring = DueContext("vi", Calendar.GREGORIAN, date(2024, 3, 5))
    winter = DueContext("vi", Calendar.GREGORIAN, date(2024, 12, 5))
    assert not read_due("Quý III", spring).doubts
    assert not read_due("Trong năm", spring).doubts
    assert read_due("Quý III", winter).doubts == ("yearless-date",)
    assert read_due("Trong năm", winter).doubts == ("yearless-date",)
    assert not find_in_prose("hoàn thành cơ sở dữ liệu đất đai trong năm 2025.", spring).doubts
