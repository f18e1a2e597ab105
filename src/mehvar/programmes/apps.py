"""Register the room with Django."""

from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    """Follow measures through plans, progress and obstacles."""

    name = "mehvar.programmes"
    label = "programmes"
    verbose_name = "Programmes"

    def ready(self) -> None:
        """Make deliveries when a directive is promulgated; put the room into the navigation and the ledger's names."""
        from mehvar.kernel import events
        from mehvar.programmes import tasks
        from mehvar.programmes.actions import imports, making
        from mehvar.programmes.views import (
            import_record,
            navigation,
            obstacle_record,
            presentation_navigation,
            presentation_record,
            progress_record,
            record,
        )

        events.subscribe("directives.advanced", making.on_directive_advanced)
        events.subscribe(making.QUEUED_EVENT, tasks.enqueue_making)
        events.subscribe(imports.QUEUED_EVENT, tasks.enqueue_sheet)
        progress_record.register()
        import_record.register()
        obstacle_record.register()
        navigation.register()
        record.register()
        presentation_record.register()
        presentation_navigation.register()
