"""Register the room with Django."""

from django.apps import AppConfig


class DirectivesConfig(AppConfig):
    """Take a directive from document to promulgation and cascade."""

    name = "mehvar.directives"
    label = "directives"
    verbose_name = "Directives"

    def ready(self) -> None:
        """Put the room into the navigation and the ledger's names, and hand queued documents to the workers."""
        from mehvar.directives import tasks
        from mehvar.directives.actions import imports
        from mehvar.directives.views import navigation, publishing, record
        from mehvar.kernel import events

        navigation.register()
        record.register()
        publishing.register()
        events.subscribe(imports.QUEUED_EVENT, tasks.enqueue_reading)
