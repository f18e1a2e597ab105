"""Register the room with Django."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """Show each person what waits for them."""

    name = "mehvar.home"
    label = "home"
    verbose_name = "Home"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Put the home page first in the navigation, and let the search follow what is recorded."""
        from django.utils.translation import gettext_lazy as _

        from mehvar.home import views
        from mehvar.home.actions import indexing
        from mehvar.kernel import events
        from mehvar.ledger import queries as ledger
        from mehvar.ui import navigation

        navigation.register(views.home_item, order=0)
        navigation.register_user_link(views.calendar_link, order=30)
        events.subscribe("ledger.recorded", indexing.on_recorded)
        ledger.register_actions(
            {
                "calendar.given": _("Give a calendar address"),
                "calendar.revoked": _("Revoke a calendar address"),
            }
        )
