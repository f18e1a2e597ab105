"""Show the editor of a directive."""

from mehvar.directives.views.editor import exchange, head, tasks, text

urlpatterns = [*head.urlpatterns, *text.urlpatterns, *tasks.urlpatterns, *exchange.urlpatterns]
