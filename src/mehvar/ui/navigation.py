"""Let upper rooms put themselves into the navigation without `ui` knowing them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mehvar.ui.data import NavigationItem, Notifications

if TYPE_CHECKING:
    from django.http import HttpRequest

ItemFactory = Callable[["HttpRequest"], NavigationItem | None]
NotificationsFactory = Callable[["HttpRequest"], Notifications | None]


@dataclass(frozen=True, slots=True)
class _Entry:
    """Keep one factory and its place."""

    order: int
    factory: ItemFactory


_main: list[_Entry] = []
_user_links: list[_Entry] = []
_notifications: list[NotificationsFactory] = []


def register(item_factory: ItemFactory, *, order: int = 50) -> None:
    """Add a place to the main navigation; the factory answers None to whoever must not see it."""
    _main.append(_Entry(order, item_factory))
    _main.sort(key=lambda entry: entry.order)


def register_user_link(item_factory: ItemFactory, *, order: int = 50) -> None:
    """Add a place to the menu under the person's name."""
    _user_links.append(_Entry(order, item_factory))
    _user_links.sort(key=lambda entry: entry.order)


def register_notifications(factory: NotificationsFactory) -> None:
    """Say who counts a person's notices; the last one registered wins."""
    _notifications.append(factory)


def items(request: HttpRequest) -> list[NavigationItem]:
    """Return the main navigation of this person, the current place marked (the longest prefix wins)."""
    found = _made(_main, request)
    best = max((_reach(item, request.path) for item in found), default=0)
    return [_marked(item, request.path, best) for item in found]


def user_links(request: HttpRequest) -> list[NavigationItem]:
    """Return the entries of the person's menu."""
    return [_marked(item, request.path, 0) for item in _made(_user_links, request)]


def notifications(request: HttpRequest) -> Notifications | None:
    """Return the person's waiting notices, or None where nobody counts them."""
    return _notifications[-1](request) if _notifications else None


def _made(entries: list[_Entry], request: HttpRequest) -> list[NavigationItem]:
    """Call every factory and leave out those that answer None."""
    made = (entry.factory(request) for entry in entries)
    return [item for item in made if item is not None]


def _reach(item: NavigationItem, path: str) -> int:
    """Return how much of the path an item covers; 0 when it does not lie on it. The root covers only itself."""
    prefix = item.prefix or item.url
    if prefix == "/":
        return int(path == "/")
    return len(prefix) if path.startswith(prefix) else 0


def _marked(item: NavigationItem, path: str, best: int) -> NavigationItem:
    """Return the item with `current` filled in."""
    if item.current is not None:
        return item
    reach = _reach(item, path)
    return replace(item, current=bool(reach) and reach == best)
