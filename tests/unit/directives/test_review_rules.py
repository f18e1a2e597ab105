import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.directives.rules import clauses, content, drafting, exchange, review
from mehvar.kernel.errors import InputError
from mehvar.organisations.data import Body, BodyType, Group, GroupPhrase, MemberRule, Name, NameKind
from mehvar.organisations.rules.matching import BodyRegister


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        (["1", "2", "3"], []),
        (["1", "2", "5"], [("3", "4")]),
        (["۱", "۲", "۴"], [("3",)]),
        (["a", "b", "c", "d", "đ", "e", "g", "h", "i", "k"], []),
        (["a", "b", "d"], [("c",)]),
        (["1", "2", "1", "2", "3"], []),
        (["2.1", "2.2", "3.1", "2.4"], [("2.3",)]),
        (["1", "", "–", "x y", "2"], []),
        (["1.", "2)", "(3)", "5."], [("4",)]),
    ],
)
def test_gaps_are_found_where_numbers_are_missing(numbers: list[str], missing: list[tuple[str, ...]]) -> None:
    assert [gap.missing for gap in clauses.gaps([("I", number) for number in numbers])] == missing


def test_numbers_may_begin_anew_in_each_section() -> None:
    assert clauses.gaps([("I", "1"), ("II", "1"), ("I", "2"), ("II", "3")]) == [
        clauses.Gap("II", "1", "3", ("2",))
    ]


def test_identifiers_of_clauses_are_ascii_and_unique() -> None:
    found = clauses.eids(
        [
            ("1", None, "article", "Điều 1."),
            ("2", None, "article", "ماده ۲"),
            ("2.الف", "2", "letter", "الف"),
            ("2.ب", "2", "letter", "ب)"),
            ("2.x", "2", "note", "تبصره"),
            ("3", None, "article", "1"),
        ]
    )
    assert list(found.values()) == [
        "art_1",
        "art_2",
        "art_2__point_1",
        "art_2__point_2",
        "art_2__note_1",
        "art_1-2",
    ]


@given(st.lists(st.text("12.ab", max_size=8), unique=True, max_size=30))
def test_parents_stand_before_them_and_never_form_a_ring(paths: list[str]) -> None:
    parents = clauses.parents(paths)
    for path in paths:
        seen, at = set(), path
        while parents.get(at):
            at = parents[at] or ""
            assert at not in seen
            seen.add(at)


@given(st.lists(st.integers(0, 40), max_size=40))
def test_laying_out_a_tree_keeps_every_clause_once_and_children_after_parents(above: list[int]) -> None:
    tree = [(key, above[key] - 1 if 0 <= above[key] - 1 < key else None) for key in range(len(above))]
    places = {place.key: place for place in clauses.placed(tree)}
    assert len(places) == len(tree)
    assert len({place.path for place in places.values()}) == len(tree)
    for key, parent in tree:
        if parent is not None:
            assert places[key].position > places[parent].position
            assert places[key].path.startswith(places[parent].path + ".")


@given(st.text(max_size=200))
def test_every_proposed_division_leaves_two_real_parts_and_loses_nothing(written: str) -> None:
    for point in review.split_points(written):
        first, second = written[:point], written[point:]
        assert first + second == written
        assert first.strip()
        assert second.strip()


def test_divisions_are_proposed_after_semicolons_and_before_letters() -> None:
    written = "Build ten offices; train their staff. b) Report every month"
    assert [written[point:].split(maxsplit=1)[0] for point in review.split_points(written)] == ["train", "b)"]


def test_flags_that_were_settled_keep_their_first_mark() -> None:
    flags = [{"code": "a", "settled": {"by": 1}}, {"code": "b", "settled": None}]
    settled = review.settled(flags, by=2, name="N", at="now")
    assert [flag["settled"]["by"] for flag in settled] == [1, 2]
    assert review.open_among(settled) == 0


def test_the_next_open_row_is_found_around_the_end() -> None:
    rows = [
        {"public_id": "a", "review_state": "pending", "open_flags": 0},
        {"public_id": "b", "review_state": "accepted", "open_flags": 0},
        {"public_id": "c", "review_state": "accepted", "open_flags": 1},
    ]
    assert review.next_open(rows, "a") == "c"
    assert review.next_open(rows, "c") == "a"
    assert review.next_open(rows[1:2], "b") is None


def test_declared_counts_of_the_seed_are_checked_field_by_field() -> None:
    declared = zip(("bưu chính", "viễn thông", "Tổng hợp"), (8, 40, 39), strict=True)
    checks = review.count_checks(
        [{"label": label, "count": count} for label, count in declared],
        {"Bưu chính": 8, "Viễn thông": 39, "Công tác tổng hợp": 39},
        total=86,
    )
    assert [(check.found, check.agrees) for check in checks] == [(8, True), (39, False), (39, True)]


def body(code: str, *names: str) -> Body:
    return Body(code, BodyType.MINISTRY, None, tuple(Name(name, "en", NameKind.OFFICIAL) for name in names))


REGISTER = BodyRegister(
    [
        body("x.health", "Ministry of Health"),
        body("x.post", "Ministry of Post"),
        body("y.a", "Office"),
        body("y.b", "Office"),
    ],
    [Group("@all", (), MemberRule())],
    phrases=[GroupPhrase("all ministries", "en", ("@all",))],
    language="en",
)


def refs(*lines: str, **more: dict[str, str]) -> list[tuple[str, str]]:
    found = drafting.references(lines, REGISTER, labels=more.pop("labels", {}), **more)
    return [(item.code, item.words) for item in found]


def test_names_codes_labels_and_brackets_all_say_who_is_meant() -> None:
    assert [code for code, _ in refs("Ministry of Health", "x.post", "anything [y.b]", "@all")] == [
        "x.health",
        "x.post",
        "y.b",
        "@all",
    ]
    assert refs("Everyone", labels={"everyone": "@all"}) == [("@all", "Everyone")]
    assert refs("all ministries")[0][0] == "@all"


def test_what_nobody_knows_stays_as_it_was_written_and_ambiguity_is_not_guessed() -> None:
    assert refs("Bureau of Nothing") == [("", "Bureau of Nothing")]
    assert refs("Office") == [("", "Office")]
    assert refs("Office", present={"Office": "y.a"}) == [("y.a", "Office")]


def test_nobody_is_named_twice() -> None:
    assert len(refs("Ministry of Health", "x.health", "Ministry of Health [x.health]")) == 1


@given(st.text(max_size=30))
def test_a_guarded_cell_comes_back_as_it_was(cell: str) -> None:
    assert exchange.unguarded(exchange.guarded(cell)) == cell or cell.startswith("'")


def test_a_table_needs_known_headings() -> None:
    for table in ([], [["nonsense"]], [["number", "lead"]]):
        with pytest.raises(InputError):
            exchange.read_rows(table)


def test_only_the_columns_that_are_there_change_anything() -> None:
    rows, problems = exchange.read_rows([["id", "Outcome indicator"], ["m1", "felt"], ["", ""]])
    assert problems == []
    assert rows == [exchange.Row(2, "m1", {"outcome_indicator": "felt"})]


def test_a_measure_twice_in_a_table_and_a_new_one_without_text_are_refused() -> None:
    _, problems = exchange.read_rows([["id", "text"], ["m1", "a"], ["m1", "b"], ["", ""], ["m2", ""]])
    assert [(problem.line, problem.column) for problem in problems] == [(5, "text"), (3, "id")]


def test_the_hash_of_a_content_depends_on_words_and_order_only() -> None:
    def with_text(words: str) -> content.DirectiveContent:
        return {"schema": content.SCHEMA, "directive": {"title": words}, "duties": [], "citations": [],
                "fields": [], "provisions": [], "measures": []}  # type: ignore[typeddict-item]  # fmt: skip

    assert content.hash_of(with_text("a")) == content.hash_of(dict(reversed(list(with_text("a").items()))))  # type: ignore[arg-type]
    assert content.hash_of(with_text("a")) != content.hash_of(with_text("b"))
