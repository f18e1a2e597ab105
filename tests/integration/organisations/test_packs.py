"""A pack is loaded completely, quickly, and again without doing anything twice or undoing what people did."""

from typing import Any

import pytest

from mehvar.kernel import errors
from mehvar.ledger.models import Entry
from mehvar.organisations import actions, queries
from mehvar.organisations.models import Organisation, OrganisationName
from mehvar.organisations.rules import packs
from tests.factories import organisations as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def pack() -> str:
    code = next((code for code in packs.available_packs()), None)
    if code is None:
        pytest.skip("no pack is shipped")
    return code


def test_every_body_of_the_pack_stands_below_its_parent(pack: str) -> None:
    loaded = actions.load_pack(None, pack)
    source = packs.load_pack(pack)
    assert loaded.bodies_added == len(source.bodies)
    path_of = dict(Organisation.objects.values_list("code", "path"))
    for body in source.bodies:
        assert path_of[body.code][:-4] == (path_of[body.parent] if body.parent else "")
    assert not any(Organisation.objects.find_problems())


def test_the_database_gives_back_the_pack_that_was_loaded(pack: str) -> None:
    actions.load_pack(None, pack)
    source, stored = packs.load_pack(pack), queries.pack_of(pack)
    assert {body.code: body.parent for body in stored.bodies} == {
        body.code: body.parent for body in source.bodies
    }
    for body in source.bodies:
        kept = stored.body(body.code)
        assert set(kept.names) == set(body.names), body.code
        assert kept.attributes == body.attributes
    assert {group.code: group.members for group in stored.groups} == {
        group.code: group.members for group in source.groups
    }
    assert {(phrase.text, frozenset(phrase.codes)) for phrase in stored.phrases} == {
        (phrase.text, frozenset(phrase.codes)) for phrase in source.phrases
    }
    assert set(stored.successions) == set(source.successions)


def test_loading_again_changes_nothing_and_is_not_recorded_twice(pack: str) -> None:
    actions.load_pack(None, pack)
    before = Entry.objects.count()
    again = actions.load_pack(None, pack)
    assert not again.changed
    assert Entry.objects.count() == before


def test_what_people_changed_survives_loading_again(pack: str) -> None:
    actions.load_pack(None, pack)
    body = Organisation.objects.filter(type="ministry").first()
    actions.teach_alias(None, body.pk, "A name that only we use", "en")
    actions.edit_organisation(None, body.pk, version=1, changes={"email": "x@example.org", "type": "other"})
    again = actions.load_pack(None, pack)
    body.refresh_from_db()
    assert (body.type, body.email) == ("other", "x@example.org")
    assert again.bodies_kept == 1
    assert OrganisationName.objects.filter(organisation=body, text="A name that only we use").exists()


def test_loading_writes_in_bulk(pack: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(400):
        actions.load_pack(None, pack)


def test_a_taught_alias_is_known_to_the_next_document(pack: str) -> None:
    actions.load_pack(None, pack)
    before = queries.register_for(pack)
    assert queries.register_for(pack) is before
    body = Organisation.objects.filter(pack=pack, depth=2).first()
    actions.teach_alias(None, body.pk, "Ein ganz neuer Name", "en")
    assert any(name.text == "Ein ganz neuer Name" for name in queries.pack_of(pack).body(body.code).names)
    assert queries.register_for(pack) is not before


def test_an_unknown_pack_is_named_with_those_that_exist() -> None:
    with pytest.raises(errors.InputError, match="There is no pack zz"):
        actions.load_pack(None, "zz")


def test_only_the_whole_trees_administrator_loads_packs(pack: str) -> None:
    with pytest.raises(errors.NotPermitted):
        actions.load_pack(make.make_user(), pack)
    actions.load_pack(make.make_user(is_superuser=True), pack)
    assert Entry.objects.filter(action="register.pack-loaded", actor_kind="person").count() == 1


def test_an_alias_that_is_another_bodys_official_name_is_refused() -> None:
    house = make.small_ministry()
    with pytest.raises(errors.InputError, match="official name of another body"):
        actions.teach_alias(None, house.it.pk, "ministry of  HEALTH", "en")
    with pytest.raises(errors.InputError):
        actions.teach_alias(None, house.it.pk, " ‌ ", "en")


def test_teaching_twice_is_teaching_once() -> None:
    house = make.small_ministry()
    first = actions.teach_alias(None, house.it.pk, "ITO", "en")
    assert actions.teach_alias(None, house.it.pk, " ITO ", "en") == first
    assert Entry.objects.filter(action="organisation.alias-taught").count() == 1
