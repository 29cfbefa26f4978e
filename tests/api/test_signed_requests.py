"""Only a client's own, fresh and untouched request is served."""

from __future__ import annotations

import time
from typing import Any

import pytest

from catalog.models import Sku
from integration.clients import create_client, revoke_client, rotate_secret
from integration.models import ApiClient
from tests.api.mall import Mall, encode
from tests.cast import NOON

pytestmark = pytest.mark.django_db

PATH = "/products:batch"
BODY = {"products": [{"sku": "mask", "name": "面膜", "category": "beauty", "price": 10_990}]}
FULL = f"/api/v1/integration{PATH}"


@pytest.fixture
def mall() -> Mall:
    client, secret = create_client(name="mall", scopes=["products:write"], at=NOON)
    return Mall(client.key, secret)


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


def signed(mall: Mall, **other: Any) -> dict[str, str]:
    """Return the headers for ``BODY``, or for another request."""
    request = {"method": "POST", "path": FULL, "raw": encode(BODY), "query": ""} | other
    query = request.pop("query")
    return mall.headers(**request, query=query)


def test_a_signed_request_is_served_once(mall: Mall) -> None:
    headers = signed(mall)

    assert mall.post(PATH, BODY, **headers).status_code == 200
    again = mall.post(PATH, BODY, **headers)

    assert code(again) == (401, "nonce_used")
    assert again["WWW-Authenticate"] == "Twotier-HMAC"


def test_what_was_not_signed_is_refused(mall: Mall) -> None:
    stranger = Mall(mall.key, "another secret")
    late, early = (str(int(time.time()) + seconds) for seconds in (-310, 310))
    table: list[tuple[str, dict[str, str], tuple[int, str]]] = [
        ("unknown key", {"X-Twotier-Key": "tk_0"}, (401, "unknown_key")),
        ("too late", {"X-Twotier-Timestamp": late}, (401, "clock_skew")),
        ("too early", {"X-Twotier-Timestamp": early}, (401, "clock_skew")),
        ("no number", {"X-Twotier-Timestamp": "soon"}, (401, "clock_skew")),
        ("no nonce", {"X-Twotier-Nonce": ""}, (401, "bad_signature")),
        ("short nonce", {"X-Twotier-Nonce": "1234567"}, (401, "bad_signature")),
        ("other nonce", {"X-Twotier-Nonce": "12345678"}, (401, "bad_signature")),
        ("no signature", {"X-Twotier-Signature": ""}, (401, "bad_signature")),
        ("other secret", signed(stranger), (401, "bad_signature")),
        ("other body", signed(mall, raw=b"{}"), (401, "bad_signature")),
        ("other path", signed(mall, path=f"{FULL}x"), (401, "bad_signature")),
        ("other method", signed(mall, method="PUT"), (401, "bad_signature")),
        ("other query", signed(mall, query="a=1"), (401, "bad_signature")),
    ]
    for name, headers, expected in table:
        assert code(mall.post(PATH, BODY, **headers)) == expected, name
    assert not Sku.objects.exists()


def test_a_query_that_was_added_is_refused(mall: Mall) -> None:
    response = mall.send("POST", PATH, BODY, query="a=1", **signed(mall))

    assert code(response) == (401, "bad_signature")


def test_a_request_without_headers_is_not_signed_in(mall: Mall) -> None:
    response = mall._http.post(FULL, BODY, content_type="application/json")

    assert code(response) == (401, "not_signed_in")


def test_a_revoked_client_is_unknown(mall: Mall) -> None:
    revoke_client(client=ApiClient.objects.get(), at=NOON)

    assert code(mall.post(PATH, BODY)) == (401, "unknown_key")


def test_two_secrets_are_valid_during_a_rotation(mall: Mall) -> None:
    rotated = [rotate_secret(client=ApiClient.objects.get(), at=NOON) for _ in range(2)]
    secrets = [mall.secret, *rotated]

    statuses = [Mall(mall.key, secret).post(PATH, BODY).status_code for secret in secrets]

    assert statuses == [401, 200, 200]


def test_a_missing_scope_is_named(mall: Mall) -> None:
    response = mall.post("/orders:batch", {"orders": [{}]})

    assert code(response) == (403, "scope_missing")
    assert response.json()["data"] == {"scope": "orders:write"}


@pytest.mark.parametrize("path", ["/members/%E5%B0%8F%E5%85%B0", "/orders%3Abatch"])
def test_escaped_paths_are_signed_decoded(path: str) -> None:
    client, secret = create_client(name="mall", scopes=[], at=NOON)

    response = Mall(client.key, secret).send("POST", path, {})

    assert response.status_code in (403, 405)


def test_the_echo_is_what_a_client_signs(mall: Mall) -> None:
    raw = '{"a":  "面膜"}'.encode()

    response = mall.send(
        "POST", "/echo", raw, query="x=%E7&y",
        **{"X-Twotier-Timestamp": "1", "X-Twotier-Nonce": "n", "X-Twotier-Signature": "v1=0"},
    )  # fmt: skip

    assert response.json()["text"].split("\n") == [
        "v1",
        "1",
        "n",
        "POST",
        "/api/v1/integration/echo?x=%E7&y",
        "367c8960045a85e2fa8903cfc01a0a1c110885bf5cf31a94e2a0cacfc0043577",
    ]


def test_there_is_no_echo_in_production(mall: Mall, settings: Any) -> None:
    settings.PRODUCTION = True

    assert code(mall.post("/echo", {})) == (404, "feature_off")
