"""Give the addresses of the register, of groups, committees and people."""

from django.urls import path

from mehvar.organisations.views import bodies, changes, committees, groups, people, sheets

app_name = "organisations"

urlpatterns = [
    path("", bodies.organisation_list, name="list"),
    path("tree/", bodies.tree, name="tree"),
    path("new/", changes.create, name="create"),
    path("bodies/<str:code>/", bodies.organisation, name="organisation"),
    path("bodies/<str:code>/edit/", changes.edit, name="edit"),
    path("bodies/<str:code>/rename/", changes.rename, name="rename"),
    path("bodies/<str:code>/names/new/", changes.add_name, name="add_name"),
    path("bodies/<str:code>/teach/", changes.teach, name="teach"),
    path("bodies/<str:code>/move/", changes.move, name="move"),
    path("bodies/<str:code>/end/", changes.succeed, name="succeed"),
    path("bodies/<str:code>/committees/new/", committees.establish, name="establish"),
    path("names/<int:name_id>/", changes.correct_name, name="correct_name"),
    path("names/<int:name_id>/remove/", changes.forget_name, name="forget_name"),
    path("groups/", groups.group_list, name="groups"),
    path(
        "groups/exceptions/<int:exception_id>/withdraw/", groups.withdraw_exception, name="withdraw_exception"
    ),
    path("groups/<str:pack>/<str:code>/", groups.group, name="group"),
    path("groups/<str:pack>/<str:code>/exceptions/new/", groups.except_member, name="except_member"),
    path("committees/", committees.committee_list, name="committees"),
    path("committees/<int:committee_id>/", committees.committee, name="committee"),
    path("committees/<int:committee_id>/edit/", committees.change, name="change_committee"),
    path("committees/<int:committee_id>/dissolve/", committees.dissolve, name="dissolve"),
    path("committees/<int:committee_id>/members/new/", committees.seat, name="seat"),
    path("committees/members/<int:member_id>/release/", committees.release, name="release"),
    path("people/", people.person_list, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<int:user_id>/", people.person, name="person"),
    path("people/<int:user_id>/close/", people.close, name="close_account"),
    path("people/<int:user_id>/open/", people.open_again, name="open_account"),
    path("people/<int:user_id>/invite/", people.invite_again, name="invite_again"),
    path("people/<int:user_id>/positions/new/", people.give, name="give_position"),
    path("people/<int:user_id>/positions/<int:position_id>/end/", people.end, name="end_position"),
    path("sheets/", sheets.hand_in, name="sheets"),
    path("sheets/<int:sheet_id>/", sheets.preview, name="sheet"),
    path("sheets/<str:kind>.<str:extension>", sheets.export, name="export"),
]
