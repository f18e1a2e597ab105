from datetime import date
from pathlib import Path

import pytest

from mehvar.kernel import errors
from mehvar.organisations.data import BodyType, NameKind, SuccessionKind
from mehvar.organisations.rules import packs

FILES = {
    "pack.csv": "key,value\ncode,xx\nlanguage,vi\ncalendar,gregorian\n",
    "bodies.csv": (
        "code,type,parent,vi,en,fa,valid_from,valid_to,attributes\n"
        "xx,other,,Nước,Country,,,,symbolic=yes\n"
        "xx.a,ministry,xx,Bộ A,Ministry A,,,2025-03-01,\n"
        'xx.b,ministry,xx,"Bộ B, C",Ministry B,,,,code=07;big=yes;tile_x=3\n'
        "xx.p,province,xx,Yên Bái,,,,2025-07-01,code=15\n"
        "xx.q,province,xx,Lào Cai,,,,,code=10\n"
    ),
    "names.csv": (
        "body,kind,language,text,valid_from,valid_to,ambiguous\n"
        "xx.a,abbreviation,vi,BA | Bộ Á,,2020-01-01,\n"
        "xx.b,former,vi,Tổng cục B,,,\n"
    ),
    "patterns.csv": (
        "applies_to,where,suffix,type,parent,attributes,successor,kind,language,text,from_kinds,valid_from,valid_to,ambiguous\n"
        "province,,.ubnd,province_body,,,,official,vi,UBND tỉnh {name},,,,\n"
        "province,,.ubnd,province_body,,,,alias,vi,UBND {name}|Tỉnh {name},,,,\n"
    ),
    "successions.csv": (
        "predecessor,successor,on,kind,note\n"
        "xx.a,xx.b,2025-03-01,merged,Nghị quyết\n"
        "xx.p,xx.q,2025-07-01,merged,\n"
    ),
    "groups.csv": "code,issuer,types,under,attributes,codes,vi,en,fa\n@ministries,,ministry,,,,Các bộ,Ministries,\n",
    "group_names.csv": "codes,language,text\n@ministries,vi,các bộ|bộ\n",
}


def written(folder: Path, **changes: str) -> Path:
    for name, text in FILES.items():
        (folder / name).write_text(changes.get(name.removesuffix(".csv"), text), encoding="utf-8")
    return folder


def refusal(folder: Path, **changes: str) -> str:
    with pytest.raises(errors.InputError) as caught:
        packs.read_pack(written(folder, **changes))
    return str(caught.value)


def test_a_small_pack_is_read_as_written(tmp_path: Path) -> None:
    pack = packs.read_pack(written(tmp_path))
    ministry = pack.body("xx.b")
    assert (pack.code, pack.language, pack.calendar) == ("xx", "vi", "gregorian")
    assert ministry.official("vi") == "Bộ B, C"
    assert dict(ministry.attributes) == {"code": "07", "big": True, "tile_x": 3}
    assert [(name.text, name.kind) for name in pack.body("xx.a").names[1:3]] == [
        ("BA", NameKind.ABBREVIATION),
        ("Bộ Á", NameKind.ABBREVIATION),
    ]
    assert [name.text for name in pack.group("@ministries").names] == ["các bộ", "bộ"]
    assert pack.successions[0].kind is SuccessionKind.MERGED


def test_a_pattern_makes_a_body_for_every_province_with_its_dates_and_succession(tmp_path: Path) -> None:
    pack = packs.read_pack(written(tmp_path))
    made = pack.body("xx.p.ubnd")
    assert made.type is BodyType.PROVINCE_BODY
    assert made.valid_to == date(2025, 7, 1)
    assert [name.text for name in made.names] == ["UBND tỉnh Yên Bái", "UBND Yên Bái", "Tỉnh Yên Bái"]
    assert packs.answering_body(pack, "xx.p.ubnd", date(2025, 7, 1)).code == "xx.q.ubnd"


def test_every_wrong_row_is_listed_with_file_and_line(tmp_path: Path) -> None:
    message = refusal(
        tmp_path,
        bodies=FILES["bodies.csv"]
        + "xx.c,ministri,xx,Bộ C,,,,,\nxx.d,ministry,xx.nobody,Bộ D,,,,,\nxx.a,ministry,xx,A,,,,,\n",
        names=FILES["names.csv"]
        + "xx.z,alias,vi,Z,,,\nxx.b,alias,vi,B,2025-02-30,,\nxx.b,alias,vi,B||C,,,\n",
        groups=FILES["groups.csv"] + "sectors,,,,,,,,\n@x,,minister,,,,,,\n",
        group_names="codes,language,text\n@nobody,vi,ai\n",
        successions="predecessor,successor,on,kind,note\nxx.a,xx.b,,merged,\nxx.a,xx.b,2025-03-01,eaten,\n",
    )
    for place in (
        "bodies.csv:7: type: 'ministri'",
        "bodies.csv:8: the parent xx.nobody",
        "bodies.csv:9: the code xx.a stands twice",
        "names.csv:4: no body has the code xx.z",
        "names.csv:5: valid_from: '2025-02-30'",
        "names.csv:6: text: an empty name",
        "groups.csv:3: 'sectors' must begin with @",
        "groups.csv:4: types: 'minister'",
        "group_names.csv:2: no group has the code @nobody",
        "successions.csv:2: on is empty",
        "successions.csv:3: kind: 'eaten'",
    ):
        assert place in message, place


@pytest.mark.parametrize(
    ("bodies", "complaint"),
    [
        ("xx.c,ministry,xx,Bộ C, D,Ministry,,,,\n", "more cells than columns"),
        ("xx.c,ministry,xx,Bộ C,,,2025-01-01,2025-01-01,\n", "is not after valid_from"),
        ("xx.c,ministry,xx,Bộ C,,,,,big yes\n", "not of the form key=value"),
        ("xx.c,ministry,xx,,,,,,\n", "xx.c: has no official name"),
        (",ministry,xx,Bộ C,,,,,\n", "code is empty"),
    ],
)
def test_a_wrong_body_is_refused(tmp_path: Path, bodies: str, complaint: str) -> None:
    assert complaint in refusal(tmp_path, bodies=FILES["bodies.csv"] + bodies)


def test_a_pattern_without_a_place_for_the_name_is_refused(tmp_path: Path) -> None:
    broken = FILES["patterns.csv"] + "province,,,,,,,alias,vi,Tỉnh,,,,\n"
    assert "patterns.csv:4" in refusal(tmp_path, patterns=broken)


def test_a_pack_says_whose_it_is(tmp_path: Path) -> None:
    assert "pack.csv: calendar is missing" in refusal(tmp_path, pack="key,value\ncode,xx\nlanguage,vi\n")


def test_another_encoding_is_refused_and_named(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "names.csv").write_bytes("body,kind\nxx.a,Bộ".encode("utf-16"))
    with pytest.raises(errors.InputError, match=r"names\.csv is not encoded in UTF-8"):
        packs.read_pack(folder)


def test_a_file_saved_by_a_spreadsheet_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "bodies.csv").write_text(FILES["bodies.csv"], encoding="utf-8-sig")
    assert packs.read_pack(folder).body("xx").official("en") == "Country"


def test_an_official_may_split_a_file(tmp_path: Path) -> None:
    folder = written(tmp_path)
    header = FILES["bodies.csv"].splitlines()[0]
    (folder / "bodies-9-more.csv").write_text(f"{header}\nxx.m,ministry,xx,Bộ M,,,,,\n", encoding="utf-8")
    assert packs.read_pack(folder).body("xx.m").parent == "xx"
