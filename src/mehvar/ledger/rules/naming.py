"""Call actions and subjects by the names that upper rooms register."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Address = Callable[[str], str]

_ACTIONS: dict[str, object] = {}
_TYPES: dict[str, object] = {}
_ADDRESSES: dict[str, Address] = {}
_TITLES: dict[str, Address] = {}


def register_actions(labels: Mapping[str, object]) -> None:
    """Name actions for people; labels may be lazy translations."""
    _ACTIONS.update(labels)


def register_subject(
    subject_type: str, *, label: object, address: Address | None = None, title: Address | None = None
) -> None:
    """Name a type of subject, and say where the page of one (by identifier) is.

    ``title`` gives the subject's own name where entries carry names of its parts; it is shown to everybody.
    """
    _TYPES[subject_type] = label
    if title is not None:
        _TITLES[subject_type] = title
    if address is not None:
        _ADDRESSES[subject_type] = address


def action_label(action: str) -> str:
    """Return the registered name, else the action's own words ("directive.approve": "Directive approve")."""
    return str(_ACTIONS.get(action) or _words(action))


def subject_type_label(subject_type: str) -> str:
    """Return the registered name, else the type's own words."""
    return str(_TYPES.get(subject_type) or _words(subject_type))


def subject_address(subject_type: str, identifier: str) -> str:
    """Return the address of the subject's own page, empty when nobody registered one."""
    address = _ADDRESSES.get(subject_type)
    return address(identifier) if address else ""


def subject_title(subject_type: str, identifier: str) -> str:
    """Return the subject's own name, empty when nobody registered one."""
    title = _TITLES.get(subject_type)
    return title(identifier) if title else ""


def _words(name: str) -> str:
    return name.replace(".", " ").replace("-", " ").replace("_", " ").capitalize()
