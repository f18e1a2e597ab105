"""Register the room with Django."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Let agencies ask one another: members, services, rights, evidence."""

    name = "mehvar.exchange"
    label = "exchange"
    verbose_name = "Exchange"

    def ready(self) -> None:
        """Put the room into the navigation and the ledger's names, and hand files of inquiries and publications to the workers."""
        from mehvar.exchange import tasks
        from mehvar.exchange.actions import batches, publication
        from mehvar.exchange.views import inquiry_record, record
        from mehvar.kernel import events

        record.register()
        inquiry_record.register()
        events.subscribe(batches.QUEUED_EVENT, tasks.enqueue_file)
        events.subscribe(publication.CHANGED, tasks.enqueue_publication)
