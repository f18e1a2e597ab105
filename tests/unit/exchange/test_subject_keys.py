"""The key for persons' tokens has versions: the newest makes tokens, each finds them, and a broken file is refused."""

import pytest

from mehvar.exchange.rules import subjects
from mehvar.kernel.errors import InputError

OLD, NEW = b"k" * 32, b"n" * 32


def test_a_plain_file_is_version_one_and_rotates_without_losing_anybody() -> None:
    plain = subjects.read_keys(OLD)
    assert (plain.newest, plain.token("۱۲ 34")) == (1, subjects.subject_token(OLD, "1234"))
    both = subjects.read_keys(subjects.written(plain.rotated(NEW)))
    assert both == subjects.SubjectKeys(((1, OLD), (2, NEW)))
    assert both.token("1234") == subjects.subject_token(NEW, "1234")
    assert both.tokens("1234") == (subjects.subject_token(NEW, "1234"), subjects.subject_token(OLD, "1234"))
    third = both.rotated(b"t" * 32).without(2)
    assert [number for number, _key in third.versions] == [1, 3]
    assert subjects.read_keys(subjects.written(third)) == third
    for number in (2, 3, 4):
        with pytest.raises(InputError):
            third.without(number)
    assert subjects.fingerprint(OLD) != subjects.fingerprint(NEW)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"short", b"mehvar subject keys 1\n", b"mehvar subject keys 1\n1 " + b"61" * 31,
        b"mehvar subject keys 1\n1 xyz\n", b"mehvar subject keys 1\n1\n", b"mehvar subject keys 1\n0 " + b"61" * 32,
        b"mehvar subject keys 1\n2 " + b"61" * 32 + b"\n1 " + b"62" * 32, b"mehvar subject keys 1\n\xff " + b"61" * 32,
    ],
)  # fmt: skip
def test_what_is_no_file_of_keys_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        subjects.read_keys(content)
