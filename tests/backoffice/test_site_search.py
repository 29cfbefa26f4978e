"""The palette asks every source that a person may use; a picker takes whole names only."""

from __future__ import annotations

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from backoffice import site_search
from backoffice.pickers import PickerField
from backoffice.site_search import Hit, SearchSource
from members.models import User
from tests.cast import give

pytestmark = pytest.mark.django_db
PEOPLE = {"id-1": "Mei", "id-2": "Lan", "id-3": "Lan", "id-4": "Lana"}


def people(term: str, limit: int) -> list[Hit]:
    return [
        Hit(name, f"number {key}", f"/admin/{key}", key, key == term.lower())
        for key, name in PEOPLE.items()
        if term.lower() in (key, name.lower()) or term.lower() in name.lower()
    ]


@pytest.fixture(autouse=True)
def sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_search, "_sources", {})
    site_search.register(SearchSource("people", "people", "members.view_member", "person", people))


def found(client: Client, term: str) -> str:
    return client.get(reverse("backoffice_find"), {"q": term}).content.decode()


def picked(client: Client, term: str, name: str = "people") -> str:
    return client.get(reverse("backoffice_pick", args=[name]), {"q": term}).content.decode()


def test_the_palette_links_to_what_it_finds(as_boss: Client) -> None:
    assert 'href="/admin/id-1"' in found(as_boss, "mei")
    assert "没有找到" in found(as_boss, "nobody at all")
    assert found(as_boss, "  ").strip() == ""


def test_only_sources_that_one_may_see_are_asked(as_qian: Client, qian: User) -> None:
    assert "/admin/id-1" not in found(as_qian, "mei")
    give(qian, "view_member")
    assert "/admin/id-1" in found(as_qian, "mei")


def test_a_picker_needs_the_permission(as_qian: Client, qian: User) -> None:
    assert as_qian.get(reverse("backoffice_pick", args=["people"])).status_code == 403
    give(qian, "view_member")
    assert 'data-value="id-1"' in picked(as_qian, "mei")


def test_unknown_pickers_are_not_found(as_boss: Client) -> None:
    assert as_boss.get(reverse("backoffice_pick", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("name", ["backoffice_find", "backoffice_pick"])
def test_they_only_read_and_strangers_sign_in(as_boss: Client, client: Client, name: str) -> None:
    url = reverse(name, args=["people"] if name == "backoffice_pick" else [])
    assert as_boss.post(url, {"q": "mei"}).status_code == 405
    assert client.get(url).status_code == 302
    assert as_boss.get(url).headers["Cache-Control"] == "no-store"


def test_pages_of_the_menu_are_found_by_name(as_boss: Client, as_qian: Client, qian: User) -> None:
    orders = reverse("admin:orders_order_changelist")
    assert orders in found(as_boss, "订单")
    assert orders not in found(as_qian, "订单")
    give(qian, "view_order")
    assert orders in found(as_qian, "订单")


def test_a_source_for_pickers_only_is_not_in_the_palette(as_boss: Client) -> None:
    site_search.register(
        SearchSource("more", "more", "members.view_member", "x", people, in_palette=False)
    )
    assert found(as_boss, "mei").count('href="/admin/id-1"') == 1
    assert 'data-value="id-1"' in picked(as_boss, "mei", "more")


def test_names_of_sources_are_unique() -> None:
    with pytest.raises(ValueError, match="people"):
        site_search.register(SearchSource("people", "", "", "", people))


@pytest.mark.parametrize("term", ["<script>", "\0", "x" * 5_000, "\u202emei", "' OR 1=1 --"])
def test_hostile_terms_find_nothing_and_are_escaped(as_boss: Client, term: str) -> None:
    assert "<script>" not in found(as_boss, term)


class Form(forms.Form):
    person = PickerField("people")


def clean(text: str) -> object:
    form = Form({"person": text})
    return form.cleaned_data["person"] if form.is_valid() else form.errors["person"][0]


@pytest.mark.parametrize("text", ["id-1", "ID-1", "Mei", " mei "])
def test_a_whole_name_or_id_picks(text: str) -> None:
    assert clean(text) == "id-1"


def test_a_part_of_a_name_picks_nothing_even_if_one_has_it() -> None:
    assert "Mei (number id-1)" in str(clean("Me"))


def test_a_name_that_two_have_asks_which() -> None:
    message = str(clean("Lan"))
    assert "number id-2" in message
    assert "number id-3" in message


def test_a_name_that_nobody_has_says_so() -> None:
    assert "nobody" in str(clean("nobody"))


def test_the_form_shows_the_name_behind_a_value() -> None:
    assert "Mei · number id-1" in Form(initial={"person": "id-1"}).as_p()
    assert "number" not in Form().as_p()
