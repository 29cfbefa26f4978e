"""Panels are drawn for those who may see them, in their order, now or later."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice import panels
from backoffice.panels import BODY, Figure, Panel
from members.models import Member, User
from tests.cast import give

pytestmark = pytest.mark.django_db
MEMBER = "members.member"


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_panels", {MEMBER: []})


def add(name: str, *, permission: str = "", order: int = 10, lazy: bool = False,
        context: dict[str, Any] | None = None) -> Panel:  # fmt: skip
    shown = {"figures": [Figure("sales", f"value of {name}")]} if context is None else context
    return panels.register(
        Panel(name, f"title of {name}", MEMBER, permission, BODY, lambda *_: shown, order, lazy)
    )


def page(client: Client, member: Member) -> str:
    return client.get(reverse("admin:members_member_change", args=[member.pk])).content.decode()


def panel_url(member: Member, name: str) -> str:
    return reverse("admin:members_member_panel", args=[member.pk, name])


def test_panels_are_in_their_order_around_the_form(as_boss: Client, mei: Member) -> None:
    for name, order in (("last", 200), ("second", 20), ("first", 10)):
        add(name, order=order)
    places = [page(as_boss, mei).index(text) for text in (
        "value of first", "value of second", 'id="member_form"', "value of last",
    )]  # fmt: skip
    assert places == sorted(places)


def test_a_panel_needs_its_permission(as_qian: Client, qian: User, mei: Member) -> None:
    add("money", permission="ledger.view_account")
    give(qian, "view_member")
    assert "value of money" not in page(as_qian, mei)
    assert as_qian.get(panel_url(mei, "money")).status_code == 403
    give(qian, "view_account")
    assert "value of money" in page(as_qian, mei)
    assert as_qian.get(panel_url(mei, "money")).status_code == 200


def test_a_panel_needs_the_page(as_qian: Client, qian: User, mei: Member) -> None:
    add("money", permission="ledger.view_account")
    give(qian, "view_account")
    assert as_qian.get(panel_url(mei, "money")).status_code == 403


def test_a_lazy_panel_is_loaded_from_its_address(as_boss: Client, mei: Member) -> None:
    add("orders", lazy=True)
    shown = page(as_boss, mei)
    assert "value of orders" not in shown
    assert panel_url(mei, "orders") in shown
    answer = as_boss.get(panel_url(mei, "orders"))
    assert "value of orders" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_panel_may_leave_itself_out(as_boss: Client, mei: Member) -> None:
    panels.register(Panel("none", "title of none", MEMBER, "", BODY, lambda *_: None, 10))
    assert "title of none" not in page(as_boss, mei)
    assert as_boss.get(panel_url(mei, "none")).content == b""


def test_unknown_panels_and_rows_are_not_found(as_boss: Client, mei: Member) -> None:
    add("orders")
    assert as_boss.get(panel_url(mei, "nothing")).status_code == 404
    gone = reverse("admin:members_member_panel", args=[0, "orders"])
    assert as_boss.get(gone).status_code == 404


def test_strangers_sign_in_first(client: Client, mei: Member) -> None:
    add("orders")
    assert client.get(panel_url(mei, "orders")).status_code == 302


def test_names_of_a_page_are_unique() -> None:
    add("orders")
    with pytest.raises(ValueError, match="orders"):
        add("orders")


def test_what_a_panel_shows_is_escaped(as_boss: Client, mei: Member) -> None:
    add("odd", context={"facts": [("name", "<b>x</b>")], "empty": "<i>"})
    shown = page(as_boss, mei)
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    assert "<b>x</b>" not in shown
