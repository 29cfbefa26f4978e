"""From a poster to the commission, through the doors that people and malls use.

Lan makes a poster through the API; Chen scans it with his camera, reads in a browser what it leads
to, signs in and buys in the mall, which tells the order. Lan sees it in her workspace within a
second, with the poster as the evidence.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import zxingcpp
from django.test import override_settings
from PIL import Image
from playwright.sync_api import Browser

from catalog.models import Product
from common import clock
from distribution.models import Binding
from integration.clients import create_client
from members.models import Identity, Member
from members.sessions.services import open_session
from orders.models import OrderShare
from posters.services import load_shipped
from tests import shop
from tests.api.server import HOST, RemoteMall
from tests.browser import PageServer, device, serving
from tests.h5 import mall
from tests.h5.workers import drawing

pytestmark = pytest.mark.slow
DEADLINE = 30.0
WITHIN = 1.0
"""Seconds from the mall's report to the workspace."""


class Caller:
    """A member's phone that calls the API through a socket."""

    def __init__(self, server: PageServer, member: Member) -> None:
        _session, tokens = open_session(member=member, at=clock.now())
        self._server, self._token = server, tokens.access

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        line = http.client.HTTPConnection(HOST, self._server.port, timeout=DEADLINE)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            line.request(method, f"/api/v1{path}", json.dumps(body) if body else None, headers)
            answer = line.getresponse()
            content = answer.read()
            assert answer.status < http.HTTPStatus.BAD_REQUEST, content
            return json.loads(content)
        finally:
            line.close()


@pytest.fixture
def server(committed: str, tmp_path: Path) -> Iterator[PageServer]:
    with (
        serving(committed, tmp_path) as running,
        override_settings(MEDIA_ROOT=tmp_path / "media", PUBLIC_URL=running.origin),
        drawing(running, tmp_path),
    ):
        yield running


@pytest.fixture
def mask(committed: str) -> Product:
    """The mask with a picture, a plan that pays 10 % and 5 %, and the shipped templates."""
    product = mall.product(pictures=1)
    shop.plan(at=clock.now() - timedelta(hours=1))
    load_shipped(at=clock.now())
    return product


def download(server: PageServer, url: str) -> bytes:
    line = http.client.HTTPConnection(HOST, server.port, timeout=DEADLINE)
    try:
        line.request("GET", urlsplit(url).path)
        answer = line.getresponse()
        assert answer.status == http.HTTPStatus.OK
        return answer.read()
    finally:
        line.close()


def draw(lan: Caller, product: Product) -> dict[str, Any]:
    """Ask for a poster until it is drawn, as a phone does."""
    asked: dict[str, Any] = {"target": {"kind": "product", "id": product.public_id}}
    poster: dict[str, Any] = lan("POST", "/posters", asked)
    end = time.monotonic() + DEADLINE
    while poster["status"] != "ready":
        assert time.monotonic() < end, poster
        time.sleep(0.05)  # a poll, not an assumption: the deadline decides
        poster = lan("GET", f"/posters/{poster['id']}")
    return poster


def scan(jpeg: bytes) -> str:
    """Return what a camera reads from the pixels of a poster."""
    with Image.open(BytesIO(jpeg)) as picture:
        (code,) = zxingcpp.read_barcodes(picture.convert("L"))
    return str(code.text)


def tell_order(server: PageServer, buyer: Member) -> dict[str, Any]:
    """Let the mall report that somebody has paid for a mask; it knows nothing of shares."""
    client, secret = create_client(name="mall", scopes=None, at=clock.now())
    now = clock.now()
    order = {
        "order_no": "E-1",
        "buyer": buyer.identities.get(provider=Identity.Provider.MALL).external_id,
        "placed_at": (now - timedelta(milliseconds=1)).isoformat(),
        "paid_at": now.isoformat(),
        "lines": [{"line_no": 1, "sku": "mask", "quantity": 1, "unit_price": 10_990}],
    }
    answer = RemoteMall(client.key, secret, server.port).put("/orders/E-1", order)
    assert answer.status_code < http.HTTPStatus.BAD_REQUEST, answer.content
    return dict(answer.json())


def wait_for_sale(lan: Caller) -> dict[str, Any]:
    """Return the workspace as soon as it has the order."""
    end = time.monotonic() + WITHIN
    while not (workspace := lan("GET", "/distributor/workspace"))["today"]["orders"]:
        assert time.monotonic() < end, "the order is not in the workspace"
    return dict(workspace)


def test_a_poster_leads_to_an_order_in_the_right_workspace(
    chromium: Browser, server: PageServer, mask: Product
) -> None:
    mei, lan_herself = mall.distributor("mei"), mall.distributor("lan")
    chen = mall.person("chen")
    lan, meis_phone = Caller(server, lan_herself), Caller(server, mei)

    poster = draw(lan, mask)
    link = scan(download(server, poster["url"]))
    assert link == poster["link"] == f"{server.origin}/s/{poster['share']}"

    with device(chromium, server.origin) as phone:
        page = phone.open(urlsplit(link).path)
        page.locator(".landing-act .button-main").click()
        page.wait_for_url(f"{server.origin}/p/{mask.public_id}?share={poster['share']}")
        phone.sign_in("chen", f"/p/{mask.public_id}")
        assert (phone.faults, phone.foreign) == ([], [])
    assert Binding.objects.get().member == chen

    tell_order(server, chen)
    workspace = wait_for_sale(lan)

    sold = {name: workspace["today"][name] for name in ("orders", "sales", "income", "visits")}
    assert sold == {"orders": 1, "sales": 10_990, "income": 1_099, "visits": 1}
    origin = lan("GET", "/distributor/commissions/E-1-1-1")["origin"]
    came_by = OrderShare.objects.get(order__number="E-1")
    assert came_by.visit
    assert origin == {
        **origin,
        "share": poster["share"],
        "channel": "poster",
        "template": poster["template"],
        "target_id": mask.public_id,
        "reason": "bound",
        "visit": came_by.visit.public_id,
    }
    (listed,) = lan("GET", "/posters")["results"]
    assert listed["figures"] == {
        "visits": 1, "new_members": 0, "orders": 1, "sales": 10_990, "commission": 1_099,
        "conversion": 10_000,
    }  # fmt: skip
    assert meis_phone("GET", "/distributor/workspace")["lifetime"]["orders"] == 0
