"""Register the room with Django."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """Show each person what waits for them."""

    name = "mehvar.home"
    label = "home"
    verbose_name = "Home"

    def ready(self) -> None:
        """Put the home page first in the navigation."""
        from mehvar.home import views
        from mehvar.ui import navigation

        navigation.register(views.home_item, order=0)
