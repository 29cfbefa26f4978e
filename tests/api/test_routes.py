"""Who may call each address of the API. A new address is added to the table below, or this fails.

What a stranger, a frozen or a closed member gets of a single row is tested beside its view.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from common import clock
from config import api_urls
from integration.clients import create_client, revoke_client
from integration.models import SCOPES
from members.models import Member
from members.sessions.services import end_sessions, open_session
from tests.api.mall import Mall
from tests.cast import NOON, member

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PUBLIC, MEMBER, MALL = "public", "member", "mall"


class Route(NamedTuple):
    method: str
    path: str
    caller: str
    scope: str = ""


ROUTES = [
    Route("GET", "schema/", PUBLIC),
    Route("GET", "docs/", PUBLIC),
    Route("POST", "auth/refresh", PUBLIC),
    Route("POST", "auth/logout", PUBLIC),
    Route("POST", "auth/embed", PUBLIC),
    Route("POST", "auth/wechat/login", PUBLIC),
    Route("GET", "auth/wechat/authorize", PUBLIC),
    Route("POST", "auth/wechat/oauth", PUBLIC),
    Route("GET", "wechat/js-config", PUBLIC),
    Route("POST", "sandbox/login", PUBLIC),
    Route("POST", "sandbox/orders/<str:order_no>/advance", PUBLIC),
    Route("GET", "config", PUBLIC),
    Route("GET", "agreements/<str:kind>", PUBLIC),
    Route("POST", "agreements/<str:kind>/accept", MEMBER, "me:write"),
    Route("GET", "me", MEMBER, "me:read"),
    Route("PUT", "me", MEMBER, "me:write"),
    Route("GET", "me/data", MEMBER, "me:write"),
    Route("POST", "me/close", MEMBER, "me:write"),
    Route("POST", "me/phone", MEMBER, "me:write"),
    Route("POST", "me/link-token", MEMBER, "me:write"),
    Route("GET", "me/subscriptions", MEMBER, "me:read"),
    Route("POST", "me/subscriptions", MEMBER, "me:write"),
    Route("GET", "me/sessions", MEMBER, "me:read"),
    Route("POST", "me/sessions/<str:session_id>/revoke", MEMBER, "me:write"),
    Route("POST", "uploads", MEMBER, "me:write"),
    Route("GET", "uploads/<str:public_id>", MEMBER, "me:read"),
    Route("GET", "posters", MEMBER, "me:read"),
    Route("POST", "posters", MEMBER, "me:write"),
    Route("GET", "posters/templates", MEMBER, "me:read"),
    Route("GET", "posters/lines", MEMBER, "me:read"),
    Route("GET", "posters/<str:public_id>", MEMBER, "me:read"),
    Route("GET", "me/referrer", MEMBER, "me:read"),
    Route("POST", "me/referrer", MEMBER, "me:write"),
    Route("POST", "me/referrer/leave", MEMBER, "me:write"),
    Route("GET", "me/identity", MEMBER, "me:read"),
    Route("PUT", "me/identity", MEMBER, "withdraw"),
    Route("GET", "me/payees/<str:channel>", MEMBER, "me:read"),
    Route("PUT", "me/payees/<str:channel>", MEMBER, "withdraw"),
    Route("GET", "me/payees/wechat/authorization", MEMBER, "me:read"),
    Route("POST", "me/payees/wechat/authorization", MEMBER, "withdraw"),
    Route("POST", "me/payees/wechat/authorization/check", MEMBER, "withdraw"),
    Route("POST", "me/payees/wechat/authorization/close", MEMBER, "withdraw"),
    Route("GET", "me/wallets", MEMBER, "me:read"),
    Route("GET", "me/wallets/<str:kind>/transfers", MEMBER, "me:read"),
    Route("GET", "categories", PUBLIC),
    Route("GET", "products", PUBLIC),
    Route("GET", "products/<str:public_id>", PUBLIC),
    Route("GET", "distributor", MEMBER, "me:read"),
    Route("GET", "distributor/levels", MEMBER, "me:read"),
    Route("GET", "distributor/application", MEMBER, "me:read"),
    Route("POST", "distributor/application", MEMBER, "me:write"),
    Route("GET", "distributor/application/form", MEMBER, "me:read"),
    Route("GET", "distributor/workspace", MEMBER, "me:read"),
    Route("GET", "distributor/earnings", MEMBER, "me:read"),
    Route("GET", "distributor/leaderboard", MEMBER, "me:read"),
    Route("GET", "distributor/months", MEMBER, "me:read"),
    Route("GET", "distributor/months/<str:month>", MEMBER, "me:read"),
    Route("GET", "distributor/months/<str:month>.csv", MEMBER, "me:read"),
    Route("GET", "distributor/months/<str:month>.html", MEMBER, "me:read"),
    Route("GET", "shares/<str:code>/figures", MEMBER, "me:read"),
    Route("GET", "distributor/commissions", MEMBER, "me:read"),
    Route("GET", "distributor/commissions/<str:public_id>", MEMBER, "me:read"),
    Route("GET", "distributor/claims", MEMBER, "me:read"),
    Route("POST", "distributor/claims", MEMBER, "me:write"),
    Route("GET", "distributor/claims/<str:public_id>", MEMBER, "me:read"),
    Route("GET", "distributor/orders", MEMBER, "me:read"),
    Route("GET", "distributor/team", MEMBER, "me:read"),
    Route("GET", "distributor/team/summary", MEMBER, "me:read"),
    Route("GET", "shares", MEMBER, "me:read"),
    Route("POST", "shares", MEMBER, "share"),
    Route("GET", "shares/<str:code>", PUBLIC),
    Route("GET", "shares/<str:code>/qr", PUBLIC),
    Route("POST", "visits", PUBLIC),
    Route("POST", "visits/<str:visit>/pages", PUBLIC),
    Route("GET", "distributor/home", MEMBER, "me:read"),
    Route("PUT", "distributor/home", MEMBER, "me:write"),
    Route("GET", "homes/<str:code>", PUBLIC),
    Route("GET", "notices", MEMBER, "me:read"),
    Route("POST", "notices/read", MEMBER, "me:write"),
    Route("GET", "withdrawals", MEMBER, "me:read"),
    Route("POST", "withdrawals", MEMBER, "withdraw"),
    Route("GET", "withdrawals/options", MEMBER, "me:read"),
    Route("GET", "withdrawals/quote", MEMBER, "me:read"),
    Route("GET", "withdrawals/<str:public_id>", MEMBER, "me:read"),
    Route("POST", "withdrawals/<str:public_id>/cancel", MEMBER, "withdraw"),
    Route("POST", "withdrawals/<str:public_id>/collect", MEMBER, "withdraw"),
    Route("POST", "withdrawals/<str:public_id>/check", MEMBER, "withdraw"),
    Route("GET", "coupons", MEMBER, "me:read"),
    Route("POST", "coupons/<str:public_id>/claim", MEMBER, "me:write"),
    Route("GET", "me/coupons", MEMBER, "me:read"),
    Route("GET", "announcements", MEMBER, "me:read"),
    Route("GET", "materials", MEMBER, "me:read"),
    Route("GET", "materials/campaigns", MEMBER, "me:read"),
    Route("POST", "materials/campaigns/<str:public_id>/archive", MEMBER, "share"),
    Route("GET", "materials/<str:public_id>", MEMBER, "me:read"),
    Route("POST", "materials/<str:public_id>/used", MEMBER, "share"),
    Route("GET", "courses", MEMBER, "me:read"),
    Route("GET", "courses/<str:public_id>", MEMBER, "me:read"),
    Route("POST", "courses/<str:public_id>/read", MEMBER, "share"),
    Route("GET", "incentives", MEMBER, "me:read"),
    Route("GET", "incentives/<str:public_id>", MEMBER, "me:read"),
    Route("GET", "incentives/<str:public_id>/ranking", MEMBER, "me:read"),
    Route("POST", "incentives/<str:public_id>/proofs", MEMBER, "me:write"),
    Route("GET", "me/awards", MEMBER, "me:read"),
    Route("GET", "me/awards/<str:public_id>", MEMBER, "me:read"),
    Route("POST", "integration/echo", PUBLIC),
    Route("POST", "integration/products:batch", MALL, "products:write"),
    Route("PUT", "integration/products/<str:sku>", MALL, "products:write"),
    Route("POST", "integration/categories:batch", MALL, "products:write"),
    Route("GET", "integration/members/<str:external_id>", MALL, "members:read"),
    Route("PUT", "integration/members/<str:external_id>", MALL, "members:write"),
    Route("POST", "integration/members/<str:external_id>/sessions", MALL, "members:write"),
    Route("GET", "integration/members/<str:external_id>/benefits", MALL, "benefits:read"),
    Route("POST", "integration/orders:batch", MALL, "orders:write"),
    Route("GET", "integration/orders/<str:order_no>", MALL, "orders:read"),
    Route("PUT", "integration/orders/<str:order_no>", MALL, "orders:write"),
    Route("GET", "integration/orders/<str:order_no>/commissions", MALL, "commissions:read"),
    Route("POST", "integration/quotes", MALL, "orders:read"),
    Route("POST", "integration/wallets/store_credit/spend", MALL, "wallets:spend"),
    Route("POST", "integration/wallets/store_credit/unspend", MALL, "wallets:spend"),
    Route("POST", "integration/wallets/points/spend", MALL, "wallets:spend"),
    Route("POST", "integration/wallets/points/unspend", MALL, "wallets:spend"),
    Route("POST", "integration/coupons/<str:public_id>/use", MALL, "coupons:use"),
    Route("POST", "integration/coupons/<str:public_id>/return", MALL, "coupons:use"),
    Route("GET", "integration/commissions", MALL, "commissions:read"),
    Route("GET", "integration/distributors", MALL, "commissions:read"),
    Route("GET", "integration/withdrawals", MALL, "withdrawals:read"),
    Route("GET", "integration/events", MALL, "events:read"),
    Route("GET", "integration/webhooks", MALL, "webhooks:write"),
    Route("POST", "integration/webhooks", MALL, "webhooks:write"),
    Route("GET", "integration/webhooks/<str:id>", MALL, "webhooks:write"),
    Route("PUT", "integration/webhooks/<str:id>", MALL, "webhooks:write"),
    Route("POST", "integration/webhooks/<str:id>/rotate", MALL, "webhooks:write"),
    Route("POST", "integration/webhooks/<str:id>/test", MALL, "webhooks:write"),
    Route("POST", "integration/webhooks/<str:id>/enable", MALL, "webhooks:write"),
    Route("POST", "integration/webhooks/<str:id>/disable", MALL, "webhooks:write"),
    Route("POST", "integration/webhooks/<str:id>/remove", MALL, "webhooks:write"),
    Route("GET", "integration/webhooks/<str:id>/deliveries", MALL, "webhooks:write"),
    Route("POST", "integration/webhooks/<str:id>/redeliver", MALL, "webhooks:write"),
]
GUARDED = [route for route in ROUTES if route.caller != PUBLIC]
PATHS = sorted({route.path for route in ROUTES} - {"schema/", "docs/"})
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def declared(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Return the methods and addresses of the views, without those that are reserved."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from declared(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and pattern.name != "feature-off":
            view = pattern.callback.view_class
            for method in ("get", "post", "put"):
                if hasattr(view, method):
                    yield method.upper(), path


def address(path: str) -> str:
    """Return an address of nobody's row."""
    for placeholder in ("session_id", "public_id", "order_no", "external_id", "id", "sku"):
        path = path.replace(f"<str:{placeholder}>", "nothing")
    path = path.replace("<str:channel>", "wechat").replace("<str:kind>", "cash")
    return path.replace("<str:month>", "2026-11")


def call(method: str, path: str, headers: dict[str, str]) -> Any:
    body = b"" if method == "GET" else b"{}"
    return Client().generic(
        method, f"/api/v1/{address(path)}", body, "application/json", headers=headers
    )


def outcome(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def bearer(who: Member, *scopes: str) -> dict[str, str]:
    _session, tokens = open_session(member=who, at=clock.now(), scopes=scopes)
    return {"Authorization": f"Bearer {tokens.access}"}


def signed(route: Route, mall: Mall) -> dict[str, str]:
    raw = b"" if route.method == "GET" else b"{}"
    return mall.headers(route.method, f"/api/v1/{address(route.path)}", raw)


def mall_with(*scopes: str) -> Mall:
    client, secret = create_client(name="mall", scopes=scopes, at=NOON)
    return Mall(client.key, secret)


def test_every_address_is_in_the_table() -> None:
    assert sorted(declared(api_urls.urlpatterns)) == sorted(
        (route.method, route.path) for route in ROUTES
    )


@pytest.mark.parametrize("route", GUARDED, ids=name)
def test_nobody_calls_it_anonymously(route: Route) -> None:
    response = call(route.method, route.path, {})

    assert outcome(response) == (401, "not_signed_in")
    assert response["WWW-Authenticate"] == {MEMBER: "Bearer", MALL: "Twotier-HMAC"}[route.caller]


@pytest.mark.parametrize("route", GUARDED, ids=name)
def test_the_other_kind_of_caller_is_nobody(route: Route) -> None:
    scopes = list(SCOPES)
    if route.caller == MALL:
        headers = bearer(member("Lan"), "me:read", "me:write", "share", "withdraw", *scopes)
    else:
        headers = signed(route, mall_with(*scopes))

    assert outcome(call(route.method, route.path, headers)) == (401, "not_signed_in")


@pytest.mark.parametrize("route", GUARDED, ids=name)
def test_a_caller_needs_the_scope(route: Route) -> None:
    if route.caller == MALL:
        headers = signed(route, mall_with(*(set(SCOPES) - {route.scope})))
    else:
        others = {"me:read", "me:write", "share", "withdraw"} - {route.scope}
        headers = bearer(member("Lan"), *others)

    assert outcome(call(route.method, route.path, headers)) == (403, "scope_missing")


@pytest.mark.parametrize("route", GUARDED, ids=name)
def test_who_was_shut_out_stays_out(route: Route) -> None:
    if route.caller == MALL:
        client, secret = create_client(name="mall", scopes=None, at=NOON)
        revoke_client(client=client, at=NOON)
        headers, code = signed(route, Mall(client.key, secret)), "unknown_key"
    else:
        lan = member("Lan")
        headers, code = bearer(lan, route.scope), "session_revoked"
        end_sessions(lan.sessions.all(), reason="locked", at=NOON)

    assert outcome(call(route.method, route.path, headers)) == (401, code)


@pytest.mark.parametrize("path", PATHS)
def test_other_methods_are_refused(path: str) -> None:
    allowed = {route.method for route in ROUTES if route.path == path}
    caller = next(route.caller for route in ROUTES if route.path == path)
    lan, mall = bearer(member("Lan"), "me:read", "me:write", "withdraw"), mall_with(*SCOPES)

    for method in sorted(METHODS - allowed):
        route = Route(method, path, caller)
        headers = lan if caller == MEMBER else signed(route, mall) if caller == MALL else {}
        response = call(method, path, headers)

        assert outcome(response) == (405, "method_not_allowed"), method
        assert {*response["Allow"].replace(" ", "").split(",")} - {"HEAD"} == allowed


@pytest.mark.parametrize("path", ["nothing", "me/nothing", "integration/nothing", "v2/me"])
def test_an_unknown_address_is_a_problem(path: str) -> None:
    response = Client().get(f"/api/v1/{path}")

    assert outcome(response) == (404, "not_found")
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "refunds/r1",
        "orders/quote",
        "me/groups",
    ],
)
def test_what_is_not_built_yet_says_so(path: str) -> None:
    for method in ("GET", "POST"):
        assert outcome(call(method, path, {})) == (404, "feature_off")
