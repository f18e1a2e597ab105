"""A path has one form; whatever two programs could read differently is refused."""

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.exchange.data.errors import CallRefused, ErrorType
from mehvar.exchange.rules import paths, rights

ATTACKS = [
    "/r1/a/../b", "/r1/a/./b", "/r1/a/%2e%2e/b", "/r1/a/%2E./b", "/r1/a/.%2e/b", "/r1/a/%252e%252e/b", "/r1/a/%25252e/b",
    "/r1/a/..;/b", "/r1/a/..;x=1/b", "/r1/a/%2e%2e;/b", "/r1/a/;/b", "/r1/a/;x/b", "/r1/a/%3b/b", "/r1/a\\..\\b", "/r1/a/%5c..%5cb",
    "/r1/a/%5C", "/r1/a%2fb", "/r1/a/%2F..%2Fb", "/r1/a/%c0%ae%c0%ae/b", "/r1/a/%c0%af", "/r1/a/%e0%80%af", "/r1/a/%f0%80%80%af",
    "/r1/a//b", "//r1/a", "/r1/a/%00", "/r1/a/%0d%0aX:1", "/r1/a/%7f", "/r1/a/%", "/r1/a/%2", "/r1/a/%zz", "/r1/a/%u002e",
    "/r1/a/%ff", "/r1/a/" + quote("．．") + "/b", "/r1/a/" + quote("∕") + "x" if False else "/r1/a/" + quote("／") + "x",
    "/r1/a/" + quote("‥") + "/b", "/r1/a/%e2%80%ae", "/r1/a b", "/r1/a#b", "/r1/<a>", '/r1/"a"', "r1/a", "http://x/r1/a", "*", "",
    "/r1/a/" + quote("\u00ad") + "/b", "/r1/a/..", "/r1/a/%2e%2e", "/r1/a/.", "/r1/a/..%00", "/r1/a/..%2f", "/r1/%ed%a0%80/b",
]  # fmt: skip


@pytest.mark.parametrize("target", ATTACKS)
def test_ambiguous_paths_are_refused(target: str) -> None:
    with pytest.raises(CallRefused) as refused:
        paths.parse_target(target.encode("utf-8"))
    assert refused.value.error in {ErrorType.INVALID_PATH, ErrorType.BAD_REQUEST}


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/r1/QF/GOV/1/s/svc/a/b?x=%2e%2e/", "/r1/QF/GOV/1/s/svc/a/b", "x=%2e%2e/"),
        ("/r1/%41/b/", "/r1/A/b/", None),
        ("/r1/a/%7euser?", "/r1/a/~user", ""),
        ("/r1/a/%D9%85%d9%87", "/r1/a/%D9%85%D9%87", None),
        ("/r1/a/100%25", "/r1/a/100%25", None),
        ("/r1/a/b;v=1,2", "/r1/a/b;v=1,2", None),
        ("/r1/a/..b/...", "/r1/a/..b/...", None),
        ("/r1/a/b%20c", "/r1/a/b%20c", None),
    ],
)
def test_unambiguous_paths_take_their_normal_form(target: str, path: str, query: str | None) -> None:
    parsed = paths.parse_target(target.encode())
    assert (parsed.path, parsed.query) == (path, query)


@given(st.binary(max_size=60))
def test_any_bytes_give_a_normal_form_or_a_refusal(raw: bytes) -> None:
    try:
        parsed = paths.parse_target(b"/" + raw)
    except CallRefused:
        return
    assert parsed.path.isascii()
    again = paths.parse_target(parsed.path.encode())
    assert (again.path, again.parts) == (parsed.path, parsed.parts)


@given(
    st.lists(
        st.sampled_from(
            ["a", ".", "..", "%2e", "%252e", "%2f", "/", ";", "\\", "%5c", "%c0%ae", "*", "b", "%20", "é"]
        ),
        max_size=12,
    )
)
def test_no_spelling_escapes_a_folder(pieces: list[str]) -> None:
    """What is forwarded, decoded again and again as careless servers do, never leaves the granted folder."""
    raw = "/open/" + "".join(pieces)
    try:
        path = paths.parse_target(raw.encode()).path
    except CallRefused:
        return
    assert rights.path_pattern("/open/**").fullmatch(path)
    for _ in range(3):
        decoded = unquote(path).replace("\\", "/")
        parts = [part.partition(";")[0] for part in decoded.split("/")]
        assert ".." not in parts
        assert "." not in parts
        assert parts[1] == "open"
        path = decoded


segment = st.sampled_from(
    ["r1", "QF", "GOV", "1", "a.b", "..", ".", "a%20b", "%2e%2e", "", "x;y", "-", "~", "é", "listMethods"]
)


@given(
    st.lists(segment, min_size=4, max_size=10),
    st.sampled_from(["", "/", "?", "?a=b", "?a=%2e%2e/../x", "?#", "? ", "/?x"]),
    st.sampled_from(["/r1/", "/", "/r2/"]),
)
def test_what_is_cut_without_decoding_is_what_decoding_gives(parts: list[str], end: str, start: str) -> None:
    raw = (start + "/".join(parts) + end).encode("utf-8")
    cut = paths.split_plain_call(raw)
    if cut is None:
        return  # read in full
    prefix, rest, query = cut
    parsed = paths.parse_target(raw)
    assert parsed.path.encode() == prefix + rest
    assert parsed.query == (None if query is None else query.decode())
    assert "/".join(("", *parsed.parts[:6])).encode() == prefix
    assert parsed.rest(6).encode() == rest


@pytest.mark.parametrize("target", ATTACKS)
def test_nothing_ambiguous_is_cut_without_decoding(target: str) -> None:
    whole = f"/r1/QF/GOV/1/s/svc{target.removeprefix('/r1')}"
    for raw in (target, whole):
        try:
            paths.parse_target(raw.encode("utf-8"))
        except CallRefused:
            assert paths.split_plain_call(raw.encode("utf-8")) is None
    assert paths.split_plain_call(b"/r1/QF/GOV/1/s/svc/" + b"a" * paths.MAX_TARGET_BYTES) is None


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8),
        min_size=1,
        max_size=5,
    )
)
def test_encoded_parts_come_back(parts: list[str]) -> None:
    raw = "/" + "/".join(quote(part, safe="") for part in parts)
    try:
        parsed = paths.parse_target(raw.encode())
    except CallRefused:
        assert any(set(part) & set("./\\;%") or not part.isascii() for part in parts)
        return
    assert parsed.parts == tuple(parts)


def test_the_rest_keeps_its_closing_slash() -> None:
    target = paths.parse_target(b"/r1/a/b/c/d/e/f/")
    assert [target.rest(n) for n in (6, 7, 8)] == ["/f/", "/", ""]
