import pytest
from django.test import RequestFactory

from mehvar.ui import navigation
from mehvar.ui.data import NavigationItem, Notifications


@pytest.fixture
def empty_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_main", "_user_links", "_notifications"):
        monkeypatch.setattr(navigation, name, [])


@pytest.mark.usefixtures("empty_registry")
def test_places_are_ordered_filtered_and_the_deepest_is_current() -> None:
    navigation.register(lambda _request: NavigationItem("Plans", "/directives/plans/"), order=30)
    navigation.register(lambda _request: NavigationItem("Directives", "/directives/"), order=20)
    navigation.register(lambda _request: None, order=10)
    navigation.register(lambda _request: NavigationItem("Start", "/"), order=5)
    shown = navigation.items(RequestFactory().get("/directives/plans/3/"))
    assert [(item.label, item.current) for item in shown] == [
        ("Start", False),
        ("Directives", False),
        ("Plans", True),
    ]


@pytest.mark.usefixtures("empty_registry")
def test_the_last_counter_of_notices_wins() -> None:
    request = RequestFactory().get("/")
    assert navigation.notifications(request) is None
    navigation.register_notifications(lambda _request: Notifications(1, "/a/"))
    navigation.register_notifications(lambda _request: Notifications(2, "/b/"))
    assert navigation.notifications(request) == Notifications(2, "/b/")
