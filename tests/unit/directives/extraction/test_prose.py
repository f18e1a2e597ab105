from collections.abc import Callable

from mehvar.directives.extraction import Extraction, Role

Reader = Callable[[str], Extraction]


def test_a_heading_names_the_lead_of_its_items(read_vn: Reader) -> None:
    found = read_vn(
        "CHỈ THỊ\n\nHà Nội, ngày 05 tháng 6 năm 2023\n\nThủ tướng Chính phủ yêu cầu:\n\n1. Bộ Tài chính:\n\n"
        "a) Bố trí kinh phí cho các nhiệm vụ, hoàn thành trước ngày 30/9/2023;\n\n"
        "b) Chủ trì, phối hợp với Bộ Y tế và các địa phương rà soát định mức chi.\n\n"
        "2. Bộ Công an chủ trì, phối hợp với Bộ Quốc phòng kiểm tra an toàn hệ thống trong quý IV năm 2023.\n\n"
        "Văn phòng Chính phủ theo dõi, đôn đốc việc thực hiện Chỉ thị này.\n\nNơi nhận:\n\n- Các bộ;\n"
    )
    a, b, second = found.measures
    assert [m.section + "/" + m.number for m in found.measures] == ["1/a", "1/b", "/2"]
    assert a.names(Role.LEAD) == b.names(Role.LEAD) == ["Bộ Tài chính"]
    assert all(body.inherited for body in a.bodies if body.role is Role.LEAD)
    assert b.names(Role.COORDINATING) == ["Bộ Y tế", "@localities"]
    assert str(a.due.end) == "2023-09-30"
    assert second.names(Role.COORDINATING) == ["Bộ Quốc phòng"]
    assert second.due.kind == "quarter"
    assert all(m.names(Role.MONITORING) == ["Văn phòng Chính phủ"] for m in found.measures)


def test_a_vice_minister_oversees_and_heads_are_shared(read_vn: Reader) -> None:
    found = read_vn(
        "Bộ trưởng yêu cầu các đơn vị thuộc Bộ:\n\nI. Phân công\n\n1. Thứ trưởng Trần Văn A phối hợp với các Thứ trưởng Lê Văn B và Phạm Văn C chỉ đạo:\n\n"
        "a) Vụ Kế hoạch chủ trì, phối hợp với các Vụ: Pháp chế, Khoa học và Công nghệ, Hợp tác quốc tế xây dựng chương trình năm, báo cáo trong quý I năm 2024.\n"
    )
    (only,) = found.measures
    assert only.names(Role.OVERSEEING) == [
        "Thứ trưởng Trần Văn A",
        "Thứ trưởng Lê Văn B",
        "Thứ trưởng Phạm Văn C",
    ]
    assert only.names(Role.COORDINATING) == ["Vụ Pháp chế", "Vụ Khoa học và Công nghệ", "Vụ Hợp tác quốc tế"]
    assert (only.section, only.number) == ("I.1", "a")


def test_goals_legal_bases_and_effect_are_no_tasks(read_vn: Reader) -> None:
    found = read_vn(
        "QUYẾT ĐỊNH\n\nCăn cứ Luật Tổ chức Chính phủ ngày 19 tháng 6 năm 2015;\n\nI. MỤC TIÊU\n\n1. Nâng cao chất lượng phục vụ người dân trong cả nước.\n\n"
        "II. NHIỆM VỤ\n\n1. Bộ Nội vụ có trách nhiệm ban hành bộ chỉ số trước ngày 30/6/2025.\n\n"
        "III. HIỆU LỰC\n\n1. Quyết định này có hiệu lực kể từ ngày ký.\n"
    )
    assert [m.names(Role.LEAD) for m in found.measures] == [["Bộ Nội vụ"]]


def test_labelled_facts_belong_to_the_item_above(read_vn: Reader) -> None:
    found = read_vn(
        "KẾ HOẠCH\n\nBắc Ninh, ngày 20 tháng 01 năm 2025\n\nI. NHIỆM VỤ\n\n- Hoàn thiện mạng truyền số liệu chuyên dùng đến cấp xã.\n\n"
        "+ Cơ quan chủ trì: Sở Nội vụ.\n\n+ Cơ quan phối hợp: Các sở, ban, ngành; UBND các huyện, thị xã, thành phố.\n\n+ Thời gian hoàn thành: Quý II/2025.\n"
    )
    (only,) = found.measures
    assert only.names(Role.LEAD) == ["Sở Nội vụ"]
    assert only.names(Role.COORDINATING) == ["@sectors", "@districts"]
    assert only.due.kind == "quarter"


def test_persian_minutes(read_ir: Reader) -> None:
    found = read_ir(
        "صورتجلسه کارگروه\n\nتاریخ جلسه: ۱۴۰۳/۰۵/۱۰\n\nبند ۱- مقرر گردید وزارت کشور با همکاری سازمان اداری و استخدامی کشور ظرف مدت دو ماه فهرست خدمات را تهیه کند.\n\n"
        "بند ۲- کلیه دستگاه‌های اجرایی موظفند هر سه ماه یک بار گزارش پیشرفت را ارسال کنند.\n\n"
        "نظارت بر حسن اجرای این مصوبات با وزارت نیرو است.\n"
    )
    first, second = found.measures
    assert first.names(Role.LEAD) == ["وزارت کشور"]
    assert first.names(Role.COORDINATING) == ["سازمان اداری و استخدامی کشور"]
    assert (first.due.duration, str(first.due.end), first.due.anchor) == ("P2M", "2024-10-01", "session")
    assert second.due.kind == "recurring_quarterly"
    assert first.names(Role.MONITORING) == ["وزارت نیرو"]


def test_english_articles(read_ir: Reader) -> None:
    found = read_ir(
        "Directive on data\n\n15 January 2024\n\n1. The Ministry of Energy shall:\n\n"
        "a) publish, in coordination with the Ministry of Interior, a catalogue of its data no later than 30 April 2024;\n\n"
        "b) review its rules within six months of signature.\n"
    )
    first, second = found.measures
    assert first.names(Role.LEAD) == second.names(Role.LEAD) == ["Ministry of Energy"]
    assert first.names(Role.COORDINATING) == ["Ministry of Interior"]
    assert str(first.due.end) == "2024-04-30"
    assert str(second.due.end) == "2024-07-15"
