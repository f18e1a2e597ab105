"""Give the ledger's pages their addresses."""

from django.urls import path

from mehvar.ledger import views

app_name = "ledger"
urlpatterns = [
    path("entry/<int:sequence>/", views.entry, name="entry"),
    path("entry/<int:sequence>/leaf.json", views.leaf, name="leaf"),
    path("<str:subject_type>/<path:identifier>/", views.history, name="history"),
]
