from datetime import date

import pytest

from mehvar.organisations.rules.matching import BodyRegister, read_bodies
from mehvar.organisations.rules.packs import load_pack

ON = date(2025, 1, 9)


@pytest.fixture(scope="module")
def vn() -> BodyRegister:
    return BodyRegister.from_pack(load_pack("vn"))


@pytest.fixture(scope="module")
def ir() -> BodyRegister:
    return BodyRegister.from_pack(load_pack("ir"))


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        (
            "Bộ Văn hoá, Thể thao và Du lịch Bộ Giáo dục và Đào tạo",
            ["Bộ Văn hóa, Thể thao và Du lịch", "Bộ Giáo dục và Đào tạo"],
        ),
        (
            "Bộ Lao động - Thương binh và Xã hội,Thanh tra Chính phủ",
            ["Bộ Lao động - Thương binh và Xã hội", "Thanh tra Chính phủ"],
        ),
        ("Bộ Tài chính; các bộ, ngành", ["Bộ Tài chính", "@ministries", "@sectors"]),
        ("Các bộ, ngành và địa phương", ["@ministries", "@sectors", "@localities"]),
        ("UBND các tỉnh, thành phố trực thuộc Trung ương", ["@localities"]),
        ("các sở, ban, ngành; UBND các huyện, thị xã, thành phố", ["@sectors", "@districts"]),
        ("các địa phương Bắc Ninh, An Giang", ["Bắc Ninh", "An Giang"]),
        ("các Bộ: Tài chính, Nội vụ, Y tế", ["Bộ Tài chính", "Bộ Nội vụ", "Bộ Y tế"]),
        (
            "Các Bộ: Công an, Quốc phòng; Văn phòng Chính phủ",
            ["Bộ Công an", "Bộ Quốc phòng", "Văn phòng Chính phủ"],
        ),
        ("Sở Tài chính, Nội vụ, Kế hoạch và Đầu tư", ["Sở Tài chính", "Sở Nội vụ", "Sở Kế hoạch và Đầu tư"]),
        (
            "Bộ Khoa học, Công nghệ, Bộ Ngoại giao và các địa phương",
            ["Bộ Khoa học và Công nghệ", "Bộ Ngoại giao", "@localities"],
        ),
        ("+ Bộ Tài chính\n+ Bộ Y tế", ["Bộ Tài chính", "Bộ Y tế"]),
        ("1. Bộ Tài chính 2. Bộ Y tế", ["Bộ Tài chính", "Bộ Y tế"]),
        ("Bộ trưởng Bộ Nội vụ", ["Bộ Nội vụ"]),
        ("Bộ KH&CN, Bộ TT&TT", ["Bộ Khoa học và Công nghệ", "Bộ Thông tin và Truyền thông"]),
        ("UBND TP. Hà Nội", ["Ủy ban nhân dân thành phố Hà Nội"]),
        ("Bộ Công Thương (Cục Hóa chất)", ["Bộ Công Thương"]),
        ("Địa phương được lựa chọn", ["Địa phương được lựa chọn"]),
        ("Tập đoàn, doanh nghiệp công nghệ số", ["Tập đoàn, doanh nghiệp công nghệ số"]),
        ("các Vụ, Cục liên quan trong Bộ", ["các Vụ, Cục liên quan trong Bộ"]),
    ],
)
def test_vietnamese_cells(vn: BodyRegister, cell: str, names: list[str]) -> None:
    found = read_bodies(cell, vn, on=ON)
    assert found.names == names
    assert not found.doubts


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        (
            "وزارتخانه‌های کشور، نیرو و صنعت، معدن و تجارت",
            ["وزارت کشور", "وزارت نیرو", "وزارت صنعت، معدن و تجارت"],
        ),
        ("وزارت علوم تحقیقات و فناوري", ["وزارت علوم، تحقیقات و فناوری"]),
        (
            "سازمان برنامه و بودجه کشور و بانک مرکزی",
            ["سازمان برنامه و بودجه کشور", "بانک مرکزی جمهوری اسلامی ایران"],
        ),
        ("دستگاه‌های اجرایی متولی پروژه‌های اولویت‌دار", ["دستگاه‌های اجرایی متولی پروژه‌های اولویت‌دار"]),
    ],
)
def test_persian_cells(ir: BodyRegister, cell: str, names: list[str]) -> None:
    found = read_bodies(cell, ir, on=ON)
    assert found.names == names
    assert not found.doubts


@pytest.mark.parametrize(
    ("cell", "doubt"),
    [
        ("Bộ Nội vụ, Bộ", "cut-cell"),
        ("Bộ Nội vụ, Bộ Tài nguyên và", "cut-cell"),
        ("Bộ Tưởng Tượng", "unknown-body"),
        ("Bộ Kế hoạch và Đầu tưư", "fuzzy-body"),
        ("Các bộ, ngành, địa phương là chủ quản cơ sở dữ liệu", "qualified-group"),
    ],
)
def test_what_is_not_sure_is_a_doubt(vn: BodyRegister, cell: str, doubt: str) -> None:
    assert doubt in {item.code for item in read_bodies(cell, vn, on=ON).doubts}


def test_names_are_those_of_the_day(vn: BodyRegister) -> None:
    before = vn.resolve("Bộ Kế hoạch và Đầu tư", on=date(2024, 1, 1))
    after = vn.resolve("Bộ Kế hoạch và Đầu tư", on=date(2025, 6, 1))
    assert before is not None
    assert after is not None
    assert not before.is_former
    assert after.is_former


def test_an_alias_is_taught_once_for_all_rows(vn: BodyRegister) -> None:
    assert read_bodies("Nhóm Số Bắc Ninh", vn, on=ON).doubts
    taught = vn.with_alias("Nhóm Số Bắc Ninh", "vn.mof")
    found = read_bodies("Bộ Nội vụ, Nhóm Số Bắc Ninh", taught, on=ON)
    assert found.names == ["Bộ Nội vụ", "Bộ Tài chính"]
    assert not found.doubts
    assert read_bodies("Các bên", vn.with_alias("Các bên", "@ministries"), on=ON).names == ["@ministries"]


def test_lost_accents_lower_the_confidence(vn: BodyRegister) -> None:
    found = read_bodies("Bo Ke hoach va Dau tu", vn, on=ON)
    assert found.names == ["Bộ Kế hoạch và Đầu tư"]
    assert found.confidence < 0.8


def test_a_register_from_rows_of_a_database_answers_the_same(vn: BodyRegister) -> None:
    pack = load_pack("vn")
    rows = BodyRegister.from_bodies(
        pack.bodies, pack.groups, pack.successions, {"Bộ Tiền": "vn.mof"}, phrases=pack.phrases
    )
    assert read_bodies("Bộ Tiền; các bộ, ngành", rows, on=ON).names == [
        "Bộ Tài chính",
        "@ministries",
        "@sectors",
    ]
