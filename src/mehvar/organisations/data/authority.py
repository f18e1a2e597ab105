"""Describe what a person may do: the roles that are held, each over one body and all below it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from mehvar.accounts.data import Role

_T = TypeVar("_T")

WHOLE_TREE = ""
"""The path above every root: a role held there reaches every body."""


@dataclass(frozen=True, slots=True)
class Held:
    """Hold one role over the subtree that begins at ``path`` (treebeard's materialised path)."""

    role: Role
    organisation_id: int
    code: str
    path: str

    def reaches(self, path: str) -> bool:
        """Tell whether a body's path lies in the subtree."""
        return path.startswith(self.path)


@dataclass(frozen=True, slots=True)
class Authority:
    """Hold every role of a person on a day; a visitor has no ``user_id`` and holds nothing.

    ``known`` is there while one request that only reads is answered: what was worked out for it once is not worked out again.
    """

    user_id: int | None
    held: tuple[Held, ...] = ()
    known: dict[Hashable, object] | None = field(default=None, compare=False, repr=False)

    def once(self, key: Hashable, work: Callable[[], _T]) -> _T:
        """Give what ``work`` gives, worked out once to a request that only reads; elsewhere each time anew."""
        if self.known is None:
            return work()
        if key not in self.known:
            self.known[key] = work()
        return cast("_T", self.known[key])

    @property
    def roles(self) -> frozenset[Role]:
        """Give the roles that are held anywhere."""
        return frozenset(item.role for item in self.held)

    @property
    def paths(self) -> tuple[str, ...]:
        """Give the paths of the bodies in which a role is held, without repetition."""
        return tuple(dict.fromkeys(item.path for item in self.held))

    @property
    def organisation_ids(self) -> tuple[int, ...]:
        """Give the bodies in which a role is held, without repetition; the whole tree has none."""
        return tuple(dict.fromkeys(item.organisation_id for item in self.held if item.organisation_id))

    @property
    def codes(self) -> tuple[str, ...]:
        """Give the codes of the bodies in which a role is held, without repetition."""
        return tuple(dict.fromkeys(item.code for item in self.held if item.code))

    def has(self, role: Role) -> bool:
        """Tell whether the role is held anywhere."""
        return role in self.roles

    def in_role(self, role: Role) -> tuple[Held, ...]:
        """Give where the role is held."""
        return tuple(item for item in self.held if item.role is role)


NOBODY = Authority(None)
