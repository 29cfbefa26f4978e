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
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from common import clock
from incentives.models import Metric, PeriodKind, Version
from incentives.services.catching_up import catch_up
from members.models import Identity, Member
from orders.models import Order
from orders.services import complete
from tests.cast import member, staff
from tests.incentives.contests.stage import prize
from tests.incentives.levels.ladder import review, silver_and_gold
from tests.incentives.offers import published, reward
from tests.materials.media import announced
from tests.members.pictures import picture
from tests.promotions.coupons import claimable, coupon
from tests.shop import DAY, ingest, line, make_referral, open_shop, order, settle_all
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
    # Of a picture: each release of the library compresses a little differently.
    (re.compile(r'"size": \d+'), '"size": 1234'),
]
HEAD = """\
# From the login to the collected payout

Every request of a mini-program from the first login to money in the wallet, with the real answer.
A test writes this page, so it is what the API does. Ids, tokens and times differ each time.

Send `Authorization: Bearer` with the access token on every call except the first, and
`Accept-Language: zh-hans` or `en`. A withdrawal, or the claim of a coupon, needs an
`Idempotency-Key` that you keep until there is an answer; after a refusal, take a new one. Amounts
are in fen. Errors are problems (RFC 9457): [errors.md](errors.md) lists their `code`.
[openapi.json](openapi.json) has every call.

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
        headers = {"Idempotency-Key": key} if key else {}
        raw = json.dumps(body) if body is not None else ""
        response = self._send(method, path, raw, "application/json", headers)
        shown = f"\nIdempotency-Key: {key}" if key else ""
        shown += f"\n\n{json.dumps(body, indent=2, ensure_ascii=False)}" if body is not None else ""
        return self._write(f"{method} /api/v1{path}{shown}", response, status)

    def upload(self, purpose: str, raw: bytes) -> Any:
        file = SimpleUploadedFile("picture.jpg", raw, "image/jpeg")
        form = encode_multipart(BOUNDARY, {"purpose": purpose, "file": file})
        response = self._send("POST", "/uploads", form, MULTIPART_CONTENT, {})
        shown = f"Content-Type: multipart/form-data\n\npurpose: {purpose}\nfile: picture.jpg"
        return self._write(f"POST /api/v1/uploads\n{shown}", response, 201)

    def _send(
        self, method: str, path: str, raw: str | bytes, kind: str, headers: dict[str, str]
    ) -> Any:
        headers = {"Accept-Language": "en"} | headers
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return Client().generic(method, f"/api/v1{path}", raw, kind, headers=headers)

    def _write(self, shown: str, response: Any, status: int) -> Any:
        assert response.status_code == status, response.content
        answer = response.json()
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


def contest(now: datetime) -> Version:
    """Publish a contest of own sales, in which Mei has sold more than Lan."""
    version = published(
        name="Contest of the month", metric=Metric.OWN_SALES, period=PeriodKind.CAMPAIGN,
        reach=Version.Reach.RANK, at=now - 20 * DAY, ends_at=now + 20 * DAY,
        rewards=[prize(10_000, 1), prize(5_000, 2)],
    )  # fmt: skip
    make_referral(member("Mei"), member("Dan"))
    told = order(
        member("Dan"), line(quantity=2), number="D-1", placed_at=now - 13 * DAY, received=True
    )
    ingest(told, at=now - 10 * DAY)
    complete(at=now - 2 * DAY)
    follow(at=now)
    return version


def proofs(now: datetime) -> Version:
    """Publish a coupon for each approved proof."""
    thanks = coupon(name="Thank you", per_member=3, at=now - 20 * DAY)
    return published(
        name="Show your mask", metric=Metric.PROOF, period=PeriodKind.CAMPAIGN,
        reach=Version.Reach.EACH, most_per_member=3, at=now - 20 * DAY, ends_at=now + 20 * DAY,
        rewards=[reward(kind="coupon", coupon=thanks)],
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
    tell_of_incentives(notebook, now)
    tell_of_contests(notebook, now)
    tell_of_coupons(notebook, now)
    tell_of_levels(notebook, now)
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


def tell_of_incentives(notebook: Notebook, now: datetime) -> None:
    say, call = notebook.say, notebook.call
    say("## Incentives")
    bonus(now)
    follow(at=now)
    say("What runs for the member. `missing` is what the next step still needs:")
    (shown,) = call("GET", "/incentives")["results"]
    complete(at=now - 2 * DAY)
    follow(at=now)
    say("Orders count when their protection is over. An award explains itself:")
    awards = call("GET", "/me/awards")["results"]
    call("GET", f"/me/awards/{awards[0]['id']}")
    say("One incentive, with what the member has got of it and handed in for it:")
    call("GET", f"/incentives/{shown['id']}")


def tell_of_contests(notebook: Notebook, now: datetime) -> None:
    say, call = notebook.say, notebook.call
    say("## Contests and proofs")
    say("An incentive with `has_ranking` has places. They are live until the period closes:")
    call("GET", f"/incentives/{contest(now).incentive.public_id}/ranking")
    say(
        "One with `takes_proofs` wants a picture. Upload it, then hand in its id. A picture above"
        " the limit of `GET /config` is refused with `body_too_large`, and the field is in"
        " `errors`."
    )
    made = notebook.upload("proof", picture(size=(300, 200)))
    body = {"upload": made["id"], "text": "In my moments"}
    path = f"/incentives/{proofs(now).incentive.public_id}/proofs"
    call("POST", path, body, status=201)


def tell_of_coupons(notebook: Notebook, now: datetime) -> None:
    say, call = notebook.say, notebook.call
    say("## Coupons")
    claimable(name="Welcome", at=now - DAY)
    say("What can be claimed, then the claim, with an `Idempotency-Key` of its own:")
    (shown,) = call("GET", "/coupons")["results"]
    call("POST", f"/coupons/{shown['id']}/claim", {}, key="c7e1…", status=201)
    say("What the member has, from awards, too:")
    call("GET", "/me/coupons")


def tell_of_levels(notebook: Notebook, now: datetime) -> None:
    say, call = notebook.say, notebook.call
    say("## Levels and announcements")
    silver_and_gold()
    review(now)
    say("The ladder: what counts, how far the member is, and what is missing for each level:")
    call("GET", "/distributor/levels")
    announced(title="Parcels", text="We send again from Friday on.")
    say("What the shop announces to the member, or to the level:")
    call("GET", "/announcements")
