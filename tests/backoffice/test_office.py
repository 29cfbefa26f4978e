"""Office pages, the blocks of the home, and who may see them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from backoffice import home, office
from backoffice.home import Block, MoneyFigure
from backoffice.office import OfficePage
from members.models import User
from tests.cast import NOON, give

pytestmark = pytest.mark.django_db


def hello(_request: HttpRequest, name: str = "") -> HttpResponse:
    return HttpResponse(f"hello {name}")


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but what the test registers."""
    for module, names in ((office, ["_pages"]), (home, ["_figures", "_blocks"])):
        for name in names:
            monkeypatch.setattr(module, name, {})


def page(permission: Any = "orders.view_order", **changes: Any) -> OfficePage:
    return OfficePage(
        **{"name": "hello", "path": "hello/<str:name>", "title": "Hello",
           "permission": permission, "view": hello, **changes}
    )  # fmt: skip


def visit(user: User | None, shown: OfficePage) -> HttpResponse:
    """Ask for the page through its route, as the URLs of the admin have it."""
    office.register(shown)
    (route,) = office.urls(admin.site)
    request = RequestFactory().get("/admin/hello/Mei/")
    request.user = user or AnonymousUser()
    match = route.resolve("hello/Mei/")
    assert match
    return match.func(request, *match.args, **match.kwargs)


def test_a_page_gets_the_parameters_of_its_address(registered: None, qian: User) -> None:
    answer = visit(give(qian, "view_order"), page())

    assert answer.content == b"hello Mei"


def test_one_of_several_permissions_is_enough(registered: None, qian: User) -> None:
    allowed = visit(give(qian, "view_order"), page(("ledger.view_account", "orders.view_order")))

    assert allowed.status_code == 200


def test_nobody_opens_it_without_the_permission(registered: None, qian: User) -> None:
    with pytest.raises(PermissionDenied):
        visit(qian, page())


def test_nobody_opens_it_without_signing_in(registered: None) -> None:
    answer = visit(None, page(()))

    assert (answer.status_code, answer["Location"][:13]) == (302, "/admin/login/")


def test_two_pages_cannot_have_one_name(registered: None) -> None:
    office.register(page())
    with pytest.raises(ValueError, match="named hello"):
        office.register(page())


def test_the_home_shows_what_the_person_may_see(registered: None, qian: User) -> None:
    qian = give(qian, "view_order")
    for name, permission in (("mine", "orders.view_order"), ("theirs", "ledger.view_account")):
        home.register_money(
            MoneyFigure(name, name, permission, lambda _at: 123450, lambda _request: "/x/")
        )
        for order in (2, 1):
            home.register_block(
                Block(f"{name}{order}", name, permission, "x.html", lambda *_: {"a": 1}, order)
            )
    request = RequestFactory().get("/admin/")
    request.user = qian

    (figure,) = home.money(request, at=NOON)
    blocks = home.blocks(request, at=NOON)

    assert (figure["name"], figure["amount"]) == ("mine", "¥1,234.50")
    assert [shown["block"].name for shown in blocks] == ["mine1", "mine2"]


def test_the_index_of_the_admin_is_the_home(as_boss: Client) -> None:
    answer = as_boss.get("/admin/", headers={"accept-language": "zh-hans"})

    assert "admin/backoffice/home.html" in [shown.name for shown in answer.templates]
    assert "no-store" in answer["Cache-Control"]
