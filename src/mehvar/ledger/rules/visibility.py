"""Decide who may read private entries: nobody, unless an upper room's predicate says so.

Source: exchange-and-ledger §5; architecture, "Scope".
"""

from __future__ import annotations

from collections.abc import Callable

from mehvar.ledger.data import Person, Subject

Predicate = Callable[[Person, Subject], bool]
ANY_TYPE = "*"

_READERS: dict[str, list[Predicate]] = {}


def register_reader(subject_type: str, predicate: Predicate) -> None:
    """Let ``predicate(person, subject)`` open the private entries of ``subject_type`` (``*``: of every type).

    Several predicates open what any of them opens. An anonymous person is never asked about.
    """
    predicates = _READERS.setdefault(subject_type, [])
    if predicate not in predicates:
        predicates.append(predicate)


def unregister_reader(subject_type: str, predicate: Predicate) -> None:
    """Take a predicate back."""
    if predicate in _READERS.get(subject_type, []):
        _READERS[subject_type].remove(predicate)


def may_read_private(person: Person | None, subject: Subject) -> bool:
    """Tell whether ``person`` may read the private entries on ``subject``."""
    if person is None or not person.is_authenticated:
        return False
    asked = (*_READERS.get(subject.type, ()), *_READERS.get(ANY_TYPE, ()))
    return any(predicate(person, subject) for predicate in asked)
