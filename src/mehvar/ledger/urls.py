"""Give the ledger's pages their addresses."""

from django.urls import path

from mehvar.ledger import views

app_name = "ledger"
urlpatterns = [
    path("entry/<int:sequence>/", views.entry, name="entry"),
    path("entry/<int:sequence>/leaf.json", views.leaf, name="leaf"),
    path("entry/<int:sequence>/verify/", views.verify_entry, name="verify_entry"),
    path("entry/<int:sequence>/proof.json", views.proof, name="proof"),
    path("entry/verify/<str:subject_type>/<path:identifier>/", views.verify_subject, name="verify_subject"),
    path(
        "entry/proof/<str:subject_type>/<path:identifier>.json",
        views.proof_of_subject,
        name="proof_of_subject",
    ),
    path("<str:subject_type>/<path:identifier>/", views.history, name="history"),
]
