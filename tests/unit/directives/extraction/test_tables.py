from collections.abc import Callable

import pytest

from mehvar.directives.extraction import Extraction, Role

Reader = Callable[[str], Extraction]
HEAD = "| TT | Tên nhiệm vụ | Cơ quan chủ trì | Cơ quan phối hợp | Kết quả | Thời gian |\n|---|---|---|---|---|---|\n"


def codes(extraction: Extraction, index: int) -> set[str]:
    return {flag.code for flag in extraction.measures[index].flags}


def test_sections_numbers_and_bodies(read_vn: Reader) -> None:
    found = read_vn(
        HEAD
        + "| **I.** | Hoàn thiện thể chế | | | | |\n"
        + "| 1. | Xây dựng đề án một cửa số | Bộ Nội vụ | Các bộ, ngành, địa phương | Đề án | 6/2025 |\n"
        + "| **II.** | Hạ tầng | | | | |\n"
        + "| 2. | Mở rộng mạng băng rộng | Bộ Tài chính Bộ Công an | | | 2025 |\n"
    )
    first, second = found.measures
    assert (first.section, first.number, second.section, second.number) == ("I", "1", "II", "2")
    assert first.names(Role.COORDINATING) == ["@ministries", "@sectors", "@localities"]
    assert second.names(Role.LEAD) == ["Bộ Tài chính", "Bộ Công an"]
    assert not first.flags
    assert not second.flags


def test_a_row_broken_by_the_page_is_joined_and_flagged(read_vn: Reader) -> None:
    found = read_vn(
        HEAD
        + "| 1. | Triển khai nền tảng, gồm: (1) cấp xã; | Bộ Y tế, Bộ Nông | | | 2025 |\n"
        + "| | (2) cấp tỉnh. | nghiệp và Phát triển nông thôn | | | |\n"
        + "| 2. | Đào tạo cán bộ cấp xã | Bộ Nội vụ | | | 2025 |\n"
    )
    assert len(found.measures) == 2
    assert found.measures[0].text.endswith("(2) cấp tỉnh.")
    assert found.measures[0].names(Role.LEAD) == ["Bộ Y tế", "Bộ Nông nghiệp và Phát triển nông thôn"]
    assert "continuation-row" in codes(found, 0)


def test_gap_duplicate_cut_cell_missing_lead_and_past_due_are_flagged(read_vn: Reader) -> None:
    found = read_vn(
        "(Kèm theo Quyết định số 1/QĐ-TTg ngày 01 tháng 02 năm 2025)\n\n"
        + HEAD
        + "| 1. | Xây dựng kế hoạch hành động | Bộ Nội vụ | Bộ Y tế, Bộ | | 12/2024 |\n"
        + "| 3. | Xây dựng cơ sở dữ liệu | | Bộ Y tế | | |\n"
        + "| 3. | Xây dựng bộ tiêu chí | Bộ Tưởng Tượng | | | 2026 |\n"
    )
    assert {"cut-cell", "due-in-past"} <= codes(found, 0)
    assert {"number-gap", "missing-lead", "missing-due"} <= codes(found, 1)
    assert {"duplicate-number", "unknown-body"} <= codes(found, 2)


def test_header_in_two_rows_and_columns_in_any_order(read_vn: Reader) -> None:
    found = read_vn(
        "| STT | Thời hạn | Đơn vị thực hiện | Đơn vị thực hiện | Nội dung công việc | Cấp trình |\n|---|---|---|---|---|---|\n"
        "| | | Chủ trì | Phối hợp | | |\n| (1) | (2) | (3) | (4) | (5) | (6) |\n"
        "| 1 | Quý II/2025 | Bộ Tài chính | Bộ Y tế | Rà soát định mức chi | Chính phủ |\n"
        "| 2 | 2026 | Bộ Y tế | Bộ Tài chính | Xây dựng hồ sơ sức khỏe | Chính phủ |\n"
    )
    first = found.measures[0]
    assert first.text == "Rà soát định mức chi"
    assert (first.names(Role.LEAD), first.names(Role.COORDINATING)) == (["Bộ Tài chính"], ["Bộ Y tế"])
    assert first.due.kind == "quarter"


def test_one_column_with_both_roles(read_vn: Reader) -> None:
    found = read_vn(
        "| TT | Nhiệm vụ | Cơ quan chủ trì, phối hợp | Thời hạn |\n|---|---|---|---|\n"
        "| 1 | Xây dựng quy chế | Chủ trì: Bộ Nội vụ; Phối hợp: Bộ Y tế, Bộ Công an | 2025 |\n"
        "| 2 | Xây dựng thông tư | Bộ Nội vụ chủ trì, phối hợp với Bộ Y tế | 2025 |\n"
        "| 3 | Xây dựng nghị định | Bộ Nội vụ; Bộ Y tế | 2025 |\n"
    )
    assert found.measures[0].names(Role.COORDINATING) == ["Bộ Y tế", "Bộ Công an"]
    assert found.measures[1].names(Role.LEAD) == ["Bộ Nội vụ"]
    assert "role-guessed" in codes(found, 2)


def test_numbering_that_restarts_in_sections_is_no_gap(read_vn: Reader) -> None:
    rows = "".join(
        f"| {roman} | Phần {roman} | | | | |\n"
        + "".join(f"| {n} | Nhiệm vụ số {n} của phần | Bộ Nội vụ | | | 2025 |\n" for n in (1, 2))
        for roman in ("I", "II")
    )
    found = read_vn(HEAD + rows)
    assert [(m.section, m.number) for m in found.measures] == [
        ("I", "1"),
        ("I", "2"),
        ("II", "1"),
        ("II", "2"),
    ]
    assert not any(m.flags for m in found.measures)


def test_stray_text_in_a_section_row_flags_the_task_before(read_vn: Reader) -> None:
    found = read_vn(
        HEAD
        + "| 1 | Bảo đảm nguồn lực di chuyển hệ thống | Bộ Tài chính | | | 2025 và những năm tiếp theo |\n"
        + "| II | Phát triển nhân lực | | | | năm tiếp theo |\n"
        + "| 2 | Đào tạo kỹ sư dữ liệu | Bộ Nội vụ | | | 2025 |\n"
    )
    assert "stray-text" in codes(found, 0)
    assert found.measures[1].section == "II"


def test_a_table_of_targets_holds_no_tasks(read_vn: Reader) -> None:
    found = read_vn(
        "| TT | Chỉ tiêu | Đơn vị tính | Kết quả | Cơ quan theo dõi |\n|---|---|---|---|---|\n| 1 | Tỷ lệ dịch vụ công toàn trình | % | 80 | Bộ Nội vụ |\n"
        "| 2 | Tỷ lệ hộ có cáp quang | % | 90 | Bộ Nội vụ |\n"
    )
    assert not found.measures
    assert {"target-table", "no-measures"} <= {flag.code for flag in found.flags}


def test_persian_table(read_ir: Reader) -> None:
    found = read_ir(
        "تاریخ: ۱۴۰۳/۰۲/۰۱\n\n| ردیف | عنوان اقدام | دستگاه مسئول | دستگاه همکار | مهلت | خروجی |\n|---|---|---|---|---|---|\n"
        "| ۱ | تدوین فهرست خدمات | سازمان اداری و استخدامی کشور | وزارت کشور، وزارت نیرو | ظرف دو ماه از تاریخ ابلاغ | گزارش |\n"
        "| ۲ | راه‌اندازی سامانه | وزارتخانه‌های کشور و نیرو | | پایان مهر ۱۴۰۳ | |\n"
    )
    first, second = found.measures
    assert first.names(Role.COORDINATING) == ["وزارت کشور", "وزارت نیرو"]
    assert str(first.due.end) == "2024-06-21"
    assert second.names(Role.LEAD) == ["وزارت کشور", "وزارت نیرو"]


def test_declared_counts_are_compared_with_what_was_found(read_vn: Reader) -> None:
    found = read_vn(
        "1. Lĩnh vực bưu chính (03 nhiệm vụ): giữ mạng lưới.\n\n"
        + HEAD
        + "| I | Lĩnh vực bưu chính | | | | |\n| 1 | Rà soát mạng bưu cục | Bộ Nội vụ | | | 2025 |\n"
    )
    assert [flag.params for flag in found.flags if flag.code == "count-mismatch"] == [
        {"declared": "3", "label": "bưu chính", "found": "1"}
    ]


@pytest.mark.parametrize("mark", ["nt", '"', "như trên"])
def test_ditto_marks_repeat_the_cell_above(read_vn: Reader, mark: str) -> None:
    found = read_vn(
        HEAD
        + f"| 1 | Xây dựng kế hoạch | Bộ Nội vụ | | | 2025 |\n| 2 | Xây dựng báo cáo | {mark} | | | 2025 |\n"
    )
    assert found.measures[1].names(Role.LEAD) == ["Bộ Nội vụ"]
