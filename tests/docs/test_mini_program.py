"""``docs/mini-program.md`` shows real requests and answers, from the login to the collected payout.

To write it again: ``WRITE_PAGES=1 ./run test tests/docs/test_mini_program.py``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from common import clock
from incentives.models import Metric, PeriodKind, Version
from incentives.services.catching_up import catch_up
from members.models import Identity, Member
from orders.models import Order
from orders.services import complete
from tests.cast import staff
from tests.incentives.offers import published, reward
from tests.shop import DAY, ingest, open_shop, order, settle_all
from tests.wechatpay import Server
from tests.withdrawals.factories import finance, operations
from tests.withdrawals.wechat import paying_through
from withdrawals.models import Withdrawal
from withdrawals.services import approve_as_finance, approve_as_operations

pytestmark = [pytest.mark.django_db, pytest.mark.one_transaction]
APP = "sandbox-mini"
OPENID = hashlib.sha256(f"{APP}:lan".encode()).hexdigest()[:28]  # as the sandbox answers
PAGE = Path(settings.BASE_DIR, "docs", "mini-program.md")

# What differs each time, with what the page shows instead.
VARYING = [
    (re.compile(r"eyJ[\w.-]+"), "eyJ…"),
    (re.compile(r'"[0-9a-z]{20}\.\d+\.[0-9a-f]{64}"'), '"a1b2c3….0.9f8e7d…"'),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)"), "2026-11-12T12:00:00+08:00"),
    (re.compile(r"#\d+ "), "#1 "),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"), "2026-11-12 12:00"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b(?!T| \d)"), "2026-11-12"),
    (re.compile(r"\b[0-9a-hjkmnp-tv-z]{20}\b"), "0123456789abcdefghjk"),
    (re.compile(r'"(package)": "[^"]*"'), r'"\1": "…"'),
]
HEAD = """\
# From the login to the collected payout

Every request of a mini-program from the first login to money in the wallet, with the real answer.
A test writes this page, so it is what the API does. Ids, tokens and times differ each time.

Send `Authorization: Bearer` with the access token on every call except the first, and
`Accept-Language: zh-hans` or `en`. A withdrawal needs an `Idempotency-Key` that you keep until
there is an answer; after a refusal, take a new one. Amounts are in fen. Errors are problems
(RFC 9457): [errors.md](errors.md) lists their `code`. [openapi.json](openapi.json) has every call.

"""


class Notebook:
    """Sends requests and writes them down with their answers."""

    def __init__(self) -> None:
        self.text, self._token = HEAD, ""

    def say(self, text: str) -> None:
        self.text += f"{text}\n\n"

    def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", status: int = 200
    ) -> Any:
        headers = {"Accept-Language": "en"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if key:
            headers["Idempotency-Key"] = key
        raw = json.dumps(body) if body is not None else ""
        response = Client().generic(
            method, f"/api/v1{path}", raw, "application/json", headers=headers
        )
        assert response.status_code == status, response.content
        answer = response.json()
        shown = f"{method} /api/v1{path}"
        shown += f"\nIdempotency-Key: {key}" if key else ""
        shown += f"\n\n{json.dumps(body, indent=2, ensure_ascii=False)}" if body is not None else ""
        text = json.dumps(answer, indent=2, ensure_ascii=False)
        for pattern, replacement in VARYING:
            text, shown = pattern.sub(replacement, text), pattern.sub(replacement, shown)
        self.text += f"```http\n{shown}\n```\n\n`{status}`\n\n```json\n{text}\n```\n\n"
        self._token = answer.get("access", self._token)
        return answer


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(at=clock.now(), app=APP) as server, paying_through(server):
        server.set_real_name(OPENID, name="兰兰")
        yield server


def test_the_page_is_what_the_api_does(server: Server) -> None:
    now = clock.now()
    bo = open_shop()
    lan = Member.objects.get(nickname="Lan")
    Identity.objects.create(member=lan, provider="wechat_mini", external_id=OPENID)
    notebook = Notebook()

    tell(notebook, lan, bo, now, server)

    if os.environ.get("WRITE_PAGES"):
        PAGE.write_text(notebook.text)
    assert notebook.text == PAGE.read_text()


def bonus(now: datetime) -> None:
    """Publish store credit for own sales from 100 yuan on."""
    published(
        name="Bonus of the month", metric=Metric.OWN_SALES, period=PeriodKind.CAMPAIGN,
        reach=Version.Reach.STEPS, at=now - 20 * DAY, ends_at=now + 20 * DAY,
        rewards=[
            reward(800, asset="store_credit", threshold=10_000),
            reward(3_000, asset="store_credit", threshold=30_000),
        ],
    )  # fmt: skip


def follow(*, at: datetime) -> None:
    """Count all orders, as workers do."""
    catch_up(orders=list(Order.objects.values_list("pk", flat=True)), at=at)


def tell(notebook: Notebook, lan: Member, bo: Member, now: Any, server: Server) -> None:
    say, call = notebook.say, notebook.call
    say("## Sign in")
    say(
        "With the code of `wx.login`. Outside production `POST /sandbox/login` with a name of the"
        " demo answers the same without WeChat."
    )
    call("POST", "/auth/wechat/login", {"code": "lan"})
    say("## The first screen")
    ingest(order(bo, number="O-2", placed_at=now, paid=False, paid_at=now), at=now)
    call("GET", "/distributor/workspace")
    earlier = order(bo, number="O-1", placed_at=now - 13 * DAY, received=True)
    ingest(earlier, at=now - 10 * DAY)
    say("## What was earned, and why")
    commissions = call("GET", "/distributor/commissions")["results"]
    call("GET", f"/distributor/commissions/{commissions[0]['id']}")
    settle_all(at=now - 2 * DAY)
    say("## Incentives")
    bonus(now)
    follow(at=now)
    say("What runs for the member. `missing` is what the next step still needs:")
    call("GET", "/incentives")
    complete(at=now - 2 * DAY)
    follow(at=now)
    say("Orders count when their protection is over. An award explains itself:")
    awards = call("GET", "/me/awards")["results"]
    call("GET", f"/me/awards/{awards[0]['id']}")
    say("## In the wallet")
    say("A worker credits it when the protection ends. It can be withdrawn from the next day:")
    call("GET", "/me/wallets")
    say("## Withdraw")
    say("What WeChat and the tax office need, once:")
    call("PUT", "/me/identity", {"real_name": "兰兰"})
    call("PUT", "/me/payees/wechat", {})
    say("What would arrive, and what stands against it:")
    call("GET", "/withdrawals/quote?amount=1000&channel=wechat")
    made = call(
        "POST", "/withdrawals", {"amount": 1_000, "channel": "wechat"}, key="5f0c…", status=201
    )
    withdrawal = Withdrawal.objects.get(public_id=made["id"])
    approve_as_operations(withdrawal=withdrawal, by=operations(staff("Qian")), at=now)
    approve_as_finance(withdrawal=withdrawal, by=finance(staff("Feng")), at=now)
    say("## Collect")
    say("After operations and finance have approved it, the member taps *collect*:")
    collected = call("POST", f"/withdrawals/{made['id']}/collect", {})
    say(
        "Pass `merchant_id`, `app_id` and `package` to `wx.requestMerchantTransfer`. Its success"
        " proves nothing: ask."
    )
    assert collected["package"]
    server.confirm(withdrawal.attempts.get().out_bill_no)
    call("POST", f"/withdrawals/{made['id']}/check", {})
