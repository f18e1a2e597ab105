"""Errors, clock, events, life cycles, identifiers."""

import copy
import json
import pickle
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.kernel import clock, errors, events, identifiers
from mehvar.kernel.lifecycle import LifeCycle, Transition

NOON = datetime(2025, 3, 21, 12, tzinfo=UTC)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda children: st.lists(children) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), children),
    max_leaves=20,
)  # fmt: skip


class TestErrors:
    def test_message_is_filled_and_parts_stay_apart(self) -> None:
        error = errors.NotFound("No unit “{code}”.", field="unit", code="unit-unknown")
        assert (error.code, error.status, error.field) == ("unit-unknown", 404, "unit")
        error = errors.InputError("Row {row} is too long.", row=7)
        assert str(error) == "Row 7 is too long."
        assert error.message == "Row {row} is too long."
        assert error.formatted("سطر {row} بلند است.") == "سطر 7 بلند است."

    def test_an_unfit_translation_is_shown_as_it_is(self) -> None:
        assert errors.InputError("Row {row}.", row=7).formatted("Row {line") == "Row {line"

    def test_braces_without_places_are_left_alone(self) -> None:
        assert str(errors.InputError("use {} here")) == "use {} here"

    def test_a_refused_transition_is_a_conflict(self) -> None:
        assert issubclass(errors.TransitionNotAllowed, errors.Conflict)
        assert {e.status for e in (errors.InputError, errors.NotPermitted, errors.NotFound, errors.Conflict,
                                   errors.LimitExceeded, errors.Unavailable)} == {422, 403, 404, 409, 413, 503}  # fmt: skip

    def test_errors_survive_the_way_between_processes(self) -> None:
        error = errors.LimitExceeded("More than {limit} rows.", code="too-many-rows", limit=5)
        twin = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert (str(twin), twin.code, twin.params) == ("More than 5 rows.", "too-many-rows", {"limit": 5})


class TestClock:
    def test_it_can_be_held(self) -> None:
        with clock.fixed(NOON):
            assert clock.now() == NOON
            assert clock.today("Asia/Tehran") == date(2025, 3, 21)
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)

    def test_today_depends_on_the_place(self) -> None:
        with clock.fixed(datetime(2025, 3, 20, 22, tzinfo=UTC)):
            assert clock.today() == date(2025, 3, 20)
            assert clock.today("Asia/Ho_Chi_Minh") == date(2025, 3, 21)

    def test_holding_nests_and_gives_utc(self) -> None:
        with clock.fixed(NOON):
            with clock.fixed(NOON.astimezone(timezone(timedelta(hours=7))) + timedelta(days=1)):
                assert clock.now() == NOON + timedelta(days=1)
                assert clock.now().tzinfo is UTC
            assert clock.now() == NOON

    def test_other_threads_keep_their_time(self) -> None:
        seen = []
        with clock.fixed(NOON):
            thread = threading.Thread(target=lambda: seen.append(clock.now()))
            thread.start()
            thread.join()
        assert seen[0] > NOON

    def test_a_naive_instant_is_refused(self) -> None:
        with pytest.raises(ValueError, match="aware"), clock.fixed(datetime(2025, 1, 1)):  # noqa: DTZ001
            pass


class TestEvents:
    def test_subscribers_hear_in_order_and_once(self) -> None:
        heard = []

        def first(number: int) -> None:
            heard.append(("first", number))

        def second(number: int) -> None:
            heard.append(("second", number))

        with events.subscribed("test.told", first), events.subscribed("test.told", second):
            events.subscribe("test.told", first)
            events.publish("test.told", number=3)
        events.publish("test.told", number=4)
        assert heard == [("first", 3), ("second", 3)]

    def test_one_failure_does_not_silence_the_others(self) -> None:
        heard = []

        def broken() -> None:
            raise RuntimeError("no")

        with (
            events.subscribed("test.broken", broken),
            events.subscribed("test.broken", lambda: heard.append(1)),
            pytest.raises(ExceptionGroup) as caught,
        ):
            events.publish("test.broken")
        assert heard == [1]
        assert [type(e) for e in caught.value.exceptions] == [RuntimeError]

    def test_nobody_needs_to_listen(self) -> None:
        events.publish("test.unheard", anything=1)


class Step(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


DOOR = LifeCycle(
    "door",
    Step,
    [
        Transition("open", Step.DRAFT, Step.OPEN, "Open"),
        Transition("close", Step.OPEN, Step.CLOSED, "Close"),
        Transition("reopen", Step.CLOSED, Step.OPEN, "Open again"),
    ],
)


class TestLifeCycle:
    def test_allowed_steps_lead_on(self) -> None:
        assert DOOR.initial == Step.DRAFT
        assert DOOR.transition("draft", "open") == Step.OPEN
        assert [step.action for step in DOOR.allowed(Step.OPEN)] == ["close"]
        assert DOOR.allows("closed", "reopen")
        assert DOOR.reachable("open") == {"open", "closed"}
        assert not DOOR.is_final("closed")

    @pytest.mark.parametrize(
        ("state", "action"), [("draft", "close"), ("open", "open"), ("gone", "open"), ("open", "x")]
    )
    def test_every_other_step_is_refused(self, state: str, action: str) -> None:
        with pytest.raises(errors.TransitionNotAllowed) as caught:
            DOOR.transition(state, action)
        assert caught.value.status == 409
        assert action in str(caught.value)

    @pytest.mark.parametrize(
        ("states", "steps"),
        [
            ([], []),
            (["a", "a"], []),
            (["a"], [Transition("go", "a", "b")]),
            (["a", "b", "c"], [Transition("go", "a", "b"), Transition("go", "a", "c")]),
        ],
    )
    def test_a_contradictory_table_is_refused(self, states: list[str], steps: list[Transition]) -> None:
        with pytest.raises(ValueError, match="wrong"):
            LifeCycle("wrong", states, steps)

    def test_a_life_cycle_can_be_copied(self) -> None:
        assert copy.deepcopy(DOOR).transition("draft", "open") == "open"


class TestCanonicalJson:
    @pytest.mark.parametrize(
        ("number", "written"),
        [
            (0.0, "0"), (-0.0, "0"), (5e-324, "5e-324"), (-5e-324, "-5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (9007199254740992.0, "9007199254740992"),
            (295147905179352830000.0, "295147905179352830000"), (9.999999999999997e22, "9.999999999999997e+22"),
            (1e23, "1e+23"), (1.0000000000000001e23, "1.0000000000000001e+23"), (999999999999999700000.0, "999999999999999700000"),
            (1e21, "1e+21"), (9.999999999999997e-7, "9.999999999999997e-7"), (0.000001, "0.000001"),
            (333333333.3333332, "333333333.3333332"), (-0.0000033333333333333333, "-0.0000033333333333333333"),
            (1424953923781206.2, "1424953923781206.2"), (4.50, "4.5"), (2e-3, "0.002"),
        ],
    )  # fmt: skip
    def test_numbers_are_written_as_the_standard_lists_them(self, number: float, written: str) -> None:
        assert identifiers.canonical_json(number).decode() == written

    def test_the_standards_example_comes_out_to_the_byte(self) -> None:
        given_object = {
            "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": '€$\u000f\nA\'B"\\\\"/',
            "literals": [None, True, False],
        }
        assert identifiers.canonical_json(given_object) == (
            b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
            b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
        )

    def test_keys_sort_by_utf16(self) -> None:
        keys = ["€", "\r", "\ufb33", "1", "😀", "\u0080", "ö"]
        assert list(json.loads(identifiers.canonical_json(dict.fromkeys(keys)))) == [
            "\r", "1", "\u0080", "ö", "€", "😀", "\ufb33",
        ]  # fmt: skip

    @given(json_values)
    def test_it_reads_back_as_the_same_value_and_the_same_bytes(self, value: object) -> None:
        written = identifiers.canonical_json(value)
        assert json.loads(written, parse_int=float) == json.loads(json.dumps(value), parse_int=float)
        assert identifiers.canonical_json(json.loads(written)) == written

    @given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 9)))
    def test_order_of_keys_makes_no_difference(self, value: dict[str, int]) -> None:
        turned = dict(reversed(value.items()))
        assert identifiers.content_hash(turned) == identifiers.content_hash(value)

    def test_the_fields_kinds_have_a_form(self) -> None:
        value = {"on": date(2025, 3, 21), "at": NOON.astimezone(timezone(timedelta(hours=3, minutes=30))),
                 "sum": Decimal("1.50"), "step": Step.OPEN, "pair": (1, 2)}  # fmt: skip
        assert identifiers.canonical_json(value) == (
            b'{"at":"2025-03-21T12:00:00.000000Z","on":"2025-03-21","pair":[1,2],"step":"open","sum":"1.50"}'
        )

    @pytest.mark.parametrize(
        "value", [float("nan"), float("inf"), 2**53 + 1, -(2**60), 10**400, "\ud800", {"\udc00": 1}]
    )
    def test_what_json_cannot_carry_exactly_is_refused(self, value: object) -> None:
        with pytest.raises(errors.InputError):
            identifiers.canonical_json({"value": value})

    @pytest.mark.parametrize("value", [object(), {1: 2}, {"a", "b"}, b"bytes", datetime(2025, 1, 1)])  # noqa: DTZ001
    def test_other_kinds_are_a_programmers_mistake(self, value: object) -> None:
        with pytest.raises(TypeError):
            identifiers.canonical_json(value)


class TestPublicIds:
    def test_they_sort_by_time_and_never_repeat(self) -> None:
        made = [identifiers.new_public_id() for _ in range(2000)]
        assert made == sorted(made)
        assert len(set(made)) == 2000

    def test_they_are_fit_for_addresses(self) -> None:
        assert identifiers.new_public_id("dir").removeprefix("dir-").isalnum()
        assert len(identifiers.new_public_id()) == 26

    def test_a_later_clock_gives_a_later_identifier(self) -> None:
        with clock.fixed(NOON):
            early = identifiers.new_public_id()
        with clock.fixed(NOON + timedelta(milliseconds=1)):
            assert identifiers.new_public_id() > early

    def test_a_held_clock_still_gives_different_ones(self) -> None:
        with clock.fixed(NOON):
            assert len({identifiers.new_public_id() for _ in range(500)}) == 500
