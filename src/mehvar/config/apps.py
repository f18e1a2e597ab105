"""Register the composition root with Django."""

from django.apps import AppConfig
from django.conf import settings

from mehvar.kernel import clock


class ConfigConfig(AppConfig):
    """Compose the rooms; this one owns no tables."""

    name = "mehvar.config"
    label = "config"
    verbose_name = "Mehvar"

    def ready(self) -> None:
        """Set the clock of a demonstration whose documents belong to another year; join what rooms may not know of."""
        from mehvar.config import announcing
        from mehvar.exchange.rules import answering
        from mehvar.programmes.queries import working_days

        clock.shift(settings.MEHVAR_CLOCK_SHIFT_S)
        announcing.subscribe()
        answering.count_by(
            lambda country, day, n: working_days.calendar_for(country).add_working_days(day, n)
        )
