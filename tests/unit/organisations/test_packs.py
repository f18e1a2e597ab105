import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from mehvar.kernel import errors
from mehvar.kernel.text import fold_for_match
from mehvar.organisations.data import Body, BodyType, Name, NameKind, Pack
from mehvar.organisations.rules import packs

BEFORE = date(2025, 1, 1)
AFTER = date(2025, 3, 1)
SUMMER = date(2025, 7, 1)


@pytest.fixture(scope="module", params=["ir", "vn"])
def pack(request: pytest.FixtureRequest) -> Pack:
    return packs.load_pack(request.param)


@pytest.fixture(scope="module")
def vn() -> Pack:
    return packs.load_pack("vn")


@pytest.fixture(scope="module")
def ir() -> Pack:
    return packs.load_pack("ir")


def joined(text: str) -> str:
    """Fold a name and forget spaces, as the matcher does, since Persian texts lose their ZWNJ."""
    return fold_for_match(text).replace(" ", "")


def carriers(pack: Pack, text: str, on: date) -> set[str]:
    wanted = joined(text)
    return {
        body.code
        for body in pack.bodies
        if body.exists(on) and any(joined(name.text) == wanted and name.is_valid(on) for name in body.names)
    }


def members(pack: Pack, group: str, on: date, issuer: str | None = None) -> list[str]:
    return [body.code for body in packs.members_of(pack.group(group), pack, on, issuer=issuer)]


def test_the_installation_carries_both_countries() -> None:
    assert packs.available_packs() == ("ir", "vn")
    assert packs.load_pack("ir").calendar == "jalali"
    assert packs.load_pack("vn").language == "vi"


def test_an_unknown_pack_is_refused_with_the_known_ones_named() -> None:
    with pytest.raises(errors.InputError, match="ir, vn"):
        packs.load_pack("xx")


def test_every_parent_exists_and_leads_to_the_root(pack: Pack) -> None:
    for body in pack.bodies:
        assert body.parent is None or pack.ancestors(body.code)[-1] == pack.code


def test_no_name_sends_a_task_to_two_bodies_on_one_day(pack: Pack) -> None:
    assert packs.shared_names(pack) == ()


def test_a_shared_name_is_found_unless_the_days_differ_or_it_is_declared() -> None:
    day = date(2020, 1, 1)

    def body(
        code: str, kind: NameKind, start: date | None, end: date | None, *, ambiguous: bool = False
    ) -> Body:
        own = Name(f"Bộ {code}", "vi", NameKind.OFFICIAL)
        return Body(code, BodyType.MINISTRY, None, (own, Name("Bộ", "vi", kind, start, end, ambiguous)))

    def shared(*bodies: Body) -> tuple[packs.SharedName, ...]:
        return packs.shared_names(Pack("xx", "vi", "gregorian", bodies, (), ()))

    alias = NameKind.ALIAS
    assert shared(body("a", alias, None, None), body("b", alias, None, None))[0].codes == ("a", "b")
    assert shared(body("a", alias, None, day), body("b", alias, day, None)) == ()
    assert (
        shared(body("a", alias, None, None, ambiguous=True), body("b", alias, None, None, ambiguous=True))
        == ()
    )
    official = NameKind.OFFICIAL
    assert shared(
        body("a", official, None, None, ambiguous=True), body("b", official, None, None, ambiguous=True)
    )[0].official


def test_dates_are_in_order_and_successions_follow_the_end(pack: Pack) -> None:
    for succession in pack.successions:
        assert pack.body(succession.predecessor).valid_to == succession.on, succession
        assert pack.body(succession.successor).exists(succession.on), succession
    for body in pack.bodies:
        assert body.valid_from is None or body.valid_to is None or body.valid_from < body.valid_to
        assert body.official(pack.language), body.code


def test_phrases_mean_known_groups_and_no_phrase_is_a_body(pack: Pack) -> None:
    groups = {group.code for group in pack.groups}
    names = {fold_for_match(name.text) for body in pack.bodies for name in body.names}
    meanings: dict[str, tuple[str, ...]] = {}
    for phrase in pack.phrases:
        folded = fold_for_match(phrase.text)
        assert groups.issuperset(phrase.codes)
        assert folded not in names, phrase.text
        assert meanings.setdefault(folded, phrase.codes) == phrase.codes, phrase.text


def test_every_group_has_labels_and_a_surface_form(pack: Pack) -> None:
    for group in pack.groups:
        assert group.label(pack.language) != group.code
        assert group.label("en") != group.code
        assert group.names, group.code


def test_nobody_is_named_by_person_and_english_names_exist_at_national_level(pack: Pack) -> None:
    national = {BodyType.MINISTRY, BodyType.MINISTERIAL_AGENCY, BodyType.GOVERNMENT_AGENCY, BodyType.PROVINCE}
    for body in pack.bodies:
        if body.type in national:
            assert any(name.language == "en" and name.kind is NameKind.OFFICIAL for name in body.names), (
                body.code
            )


def test_provinces_have_a_place_of_their_own_on_the_tile_map(pack: Pack) -> None:
    today = [body for body in pack.bodies if body.type is BodyType.PROVINCE and body.exists(SUMMER)]
    places = {(body.attributes["tile_x"], body.attributes["tile_y"]) for body in today}
    codes = {body.attributes["code"] for body in today}
    assert len(places) == len(codes) == len(today) == {"ir": 31, "vn": 34}[pack.code]
    assert all(body.attributes["region"] for body in today)


def test_viet_nam_has_22_ministries_before_the_merger_and_17_after(vn: Pack) -> None:
    before, after = members(vn, "@ministries", BEFORE), members(vn, "@ministries", date(2025, 6, 1))
    assert len(before) == 22
    assert len(after) == 17
    assert "vn.mic" in before
    assert "vn.mic" not in after
    assert members(vn, "@ministries", AFTER - timedelta(days=1)) == before
    assert members(vn, "@ministries", AFTER) == after


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("vn.mic", "Bộ Khoa học và Công nghệ"),
        ("vn.mpi", "Bộ Tài chính"),
        ("vn.monre", "Bộ Nông nghiệp và Môi trường"),
        ("vn.mard", "Bộ Nông nghiệp và Môi trường"),
        ("vn.mot", "Bộ Xây dựng"),
        ("vn.molisa", "Bộ Nội vụ"),
        ("vn.cema", "Bộ Dân tộc và Tôn giáo"),
        ("vn.most", "Bộ Khoa học và Công nghệ"),
    ],
)
def test_the_successor_answers_for_a_ministry_that_ended(vn: Pack, old: str, new: str) -> None:
    assert packs.answering_body(vn, old, AFTER).official("vi") == new
    assert packs.answering_body(vn, old, BEFORE).code == old


def test_63_provinces_pass_into_34(vn: Pack) -> None:
    old, new = members(vn, "@localities", BEFORE), members(vn, "@localities", SUMMER)
    assert (len(old), len(new)) == (63, 34)
    assert {packs.answering_body(vn, code, SUMMER).code for code in old} == set(new)
    assert len({vn.body(code).attributes["code63"] for code in old}) == 63
    assert len({(vn.body(c).attributes["tile63_x"], vn.body(c).attributes["tile63_y"]) for c in old}) == 63


def test_a_province_hands_its_organs_over_with_itself(vn: Pack) -> None:
    answering = packs.answering_body(vn, "vn.p.ha-giang.ubnd", SUMMER)
    assert answering.official("vi") == "Ủy ban nhân dân tỉnh Tuyên Quang"
    ict = packs.answering_body(vn, "vn.p.ha-giang.ict", SUMMER)
    assert ict.official("vi") == "Sở Khoa học và Công nghệ tỉnh Tuyên Quang"


def test_provinces_agree_with_the_administrative_data(vn: Pack, shared_data: Path) -> None:
    units = json.loads((shared_data / "admin" / "vn" / "units.json").read_text("utf-8"))
    for unit in units:
        found = carriers(vn, unit["Name"], SUMMER)
        assert len(found) == 1, unit["Name"]
        body = vn.body(found.pop())
        assert body.attributes["code"] == unit["Code"]
        assert carriers(vn, unit["FullName"], SUMMER) == {body.code}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Bộ TT&TT", "vn.mic"),
        ("Bộ TTTT", "vn.mic"),
        ("Bộ Thông tin và Truyền Thông", "vn.mic"),
        ("Bộ Khoa học, Công nghệ", "vn.most"),
        ("Bộ KH&CN", "vn.most"),
        ("Bộ LĐ-TB&XH", "vn.molisa"),
        ("Bộ Lao động, Thương binh và Xã hội", "vn.molisa"),
        ("Bộ Văn hoá, Thể thao và Du lịch", "vn.mocst"),
        ("Bộ VHTTDL", "vn.mocst"),
        ("Ngân hàng nhà nước Việt Nam", "vn.sbv"),
        ("VPCP", "vn.oog"),
        ("TTXVN", "vn.vna"),
        ("Uỷ ban Dân tộc", "vn.cema"),
        ("TP.HCM", "vn.p.ho-chi-minh"),
        ("UBND TP. Hồ Chí Minh", "vn.p.ho-chi-minh.ubnd"),
        ("Thành phố Hà Nội", "vn.p.ha-noi"),
        ("UBND tỉnh Bắc Ninh", "vn.p.bac-ninh.ubnd"),
        ("Bắc Ninh", "vn.p.bac-ninh"),
        ("Sở TT&TT tỉnh Bắc Ninh", "vn.p.bac-ninh.ict"),
        ("Sở TT&TT", "vn.province.ict"),
        ("Sở LĐTBXH", "vn.province.dolisa"),
        ("Cục Bưu điện TW", "vn.mic.cuc-buu-dien-trung-uong"),
        ("Cục Tin học hóa", "vn.mic.cuc-chuyen-doi-so-quoc-gia"),
        ("Viettel", "vn.viettel"),
    ],
)
def test_bodies_are_known_by_the_names_people_write_in_viet_nam(vn: Pack, written: str, code: str) -> None:
    assert carriers(vn, written, BEFORE) == {code}


def test_a_former_name_holds_only_in_its_time(vn: Pack) -> None:
    assert carriers(vn, "tỉnh Thừa Thiên Huế", date(2024, 12, 31)) == {"vn.p.hue"}
    assert carriers(vn, "tỉnh Thừa Thiên Huế", BEFORE) == set()
    assert carriers(vn, "Bộ Bưu chính, Viễn thông", date(2007, 8, 7)) == set(), (
        "the ministry is registered from 2007"
    )


def test_the_gold_bodies_of_a_real_resolution_are_registered(vn: Pack, shared_data: Path) -> None:
    path = shared_data / "directives" / "vn-resolution-03-2025" / "annex-2-tasks.gold.json"
    tasks = json.loads(path.read_text("utf-8"))["tasks"]
    names = {
        name
        for task in tasks
        for role in ("lead", "coord")
        for name in task[role]
        if not name.startswith("@")
    }
    phrases = {fold_for_match(phrase.text) for phrase in vn.phrases}
    unknown = {
        name for name in names if not carriers(vn, name, BEFORE) and fold_for_match(name) not in phrases
    }
    assert unknown == {"Địa phương được lựa chọn", "một số tỉnh đủ điều kiện"}


def test_composite_phrases_mean_several_groups(vn: Pack) -> None:
    meaning = {fold_for_match(phrase.text): phrase.codes for phrase in vn.phrases}
    assert meaning[fold_for_match("Các bộ, ngành, địa phương")] == ("@ministries", "@sectors", "@localities")
    assert meaning[fold_for_match("các sở, ban, ngành")] == ("@sectors",)
    assert meaning[fold_for_match("Uỷ ban nhân dân các huyện, thị xã, thành phố")] == ("@districts",)


def test_a_group_means_the_provinces_own_bodies_in_its_documents(vn: Pack, ir: Pack) -> None:
    at_home = members(vn, "@sectors", BEFORE, issuer="vn.p.bac-ninh.ubnd")
    assert "vn.province.ict" in at_home
    assert "vn.vtv" not in at_home
    assert "vn.vtv" in members(vn, "@sectors", BEFORE, issuer="vn.mic")
    counties = members(ir, "@districts", BEFORE, issuer="ir.p.yazd.office")
    assert counties
    assert all(code.startswith("ir.p.yazd.") for code in counties)


def test_a_ministrys_units_are_those_below_it(vn: Pack) -> None:
    units = members(vn, "@units", date(2020, 1, 13), issuer="vn.mic")
    assert "vn.mic.cuc-vien-thong" in units
    assert all(code.startswith("vn.mic.") or code == "vn.ptit" for code in units)
    assert members(vn, "@units", date(2020, 1, 13)) == []


def test_iran_has_19_ministries_and_their_history(ir: Pack) -> None:
    assert len(members(ir, "@ministries", BEFORE)) == 19
    assert len(members(ir, "@ministries", date(2005, 1, 1))) == 21
    assert packs.answering_body(ir, "ir.ichto", BEFORE).code == "ir.mcht"
    assert packs.answering_body(ir, "ir.mcom", BEFORE).official("fa") == "وزارت صنعت، معدن و تجارت"


def test_iranian_provinces_act_through_their_governors_offices(ir: Pack) -> None:
    assert len(members(ir, "@provinces", BEFORE)) == 31
    assert len(members(ir, "@provincial_departments_ict", BEFORE)) == 31
    industrial = members(ir, "@industrial_provinces", BEFORE)
    assert {"ir.p.isfahan", "ir.p.tehran"} <= set(industrial)
    assert len(industrial) < 31


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("وزارت ارتباطات", "ir.mict"),
        ("وزیر ارتباطات و فناوری اطلاعات", "ir.mict"),
        ("وزارت صمت", "ir.mimt"),
        ("وزارت بهداشت، درمان و آموزش پزشکی", "ir.mohme"),
        ("سازمان فناوري اطلاعات", "ir.mict.ito"),
        ("شرکت ملی پست", "ir.mict.post"),
        ("سازمان اداری و استخدامی کشور", "ir.aro"),
        ("دبیرخانه شورا", "ir.council.secretariat"),
        ("کمیسیون توسعه دولت الکترونیک", "ir.egov-commission"),
        ("استان یزد", "ir.p.yazd"),
        ("استاندار یزد", "ir.p.yazd.office"),
        ("اداره کل ارتباطات و فناوری اطلاعات استان مازندران", "ir.p.mazandaran.ict"),
        ("فرمانداری شهرستان مهریز", "ir.p.yazd.c2104"),
        ("سازمان برنامهوبودجه کشور", "ir.pbo"),
        ("معاونت برنامهریزی", "ir.mict.planning"),
    ],
)
def test_bodies_are_known_by_the_names_people_write_in_iran(ir: Pack, written: str, code: str) -> None:
    assert carriers(ir, written, BEFORE) == {code}


def test_official_names_fall_back_to_the_native_language(vn: Pack) -> None:
    assert vn.body("vn.mic").official("fa") == "وزارت اطلاعات و ارتباطات"
    assert vn.body("vn.p.bac-ninh").official("fa") == "Bắc Ninh"
    assert vn.body("vn.p.bac-ninh").official("en") == "Bac Ninh"
