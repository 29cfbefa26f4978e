"""Lan withdraws her 1,000 yuan over HTTP, from the options to the collected payout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from distribution.models import Distributor
from distribution.services import change_status
from members.models import Identity, Member, User
from tests.api.phone import Phone, outcome
from tests.cast import NOON, member, staff
from tests.shop import DAY, distributor
from tests.wechatpay import ReplyLost, Server
from tests.withdrawals.factories import (
    ID_NUMBER,
    YUAN,
    approved,
    asked,
    cash,
    earned,
    finance,
    operations,
    owe,
    picture,
    ready,
)
from tests.withdrawals.wechat import a_server, paying_through
from withdrawals import gateways
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Payee, PayoutAuthorization, RejectionReason, Withdrawal
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    change_policy,
    reject,
    start_approved_payouts,
)

pytestmark = pytest.mark.django_db
BODY = {"amount": 300 * YUAN, "channel": "wechat"}


@pytest.fixture
def sandbox() -> Iterator[SandboxGateway]:
    gateways._create_gateway.cache_clear()
    gateway = gateways.gateway("sandbox")
    assert isinstance(gateway, SandboxGateway)
    yield gateway
    gateways._create_gateway.cache_clear()


@pytest.fixture
def lan(db: None) -> Member:
    return ready(member("Lan"), 1_000 * YUAN)


@pytest.fixture
def qian(db: None) -> User:
    return operations(staff("Qian"))


@pytest.fixture
def feng(db: None) -> User:
    return finance(staff("Feng"))


@pytest.fixture
def phone(lan: Member, sandbox: SandboxGateway) -> Phone:
    return Phone(lan)


@pytest.fixture
def server() -> Iterator[Server]:
    with a_server(clock.now()) as server, paying_through(server):
        yield server


def freeze(who: Member, by: User) -> None:
    change_status(
        distributor=distributor(who), to=Distributor.Status.FROZEN, by=by, at=NOON + DAY,
        reason="odd",
    )  # fmt: skip


def test_a_request_holds_the_money(phone: Phone, lan: Member) -> None:
    response = phone.post("/withdrawals", BODY, key="k-1")

    assert response.status_code == 201, response.content
    body = response.json()
    assert {name: body[name] for name in ("channel", "gross", "net", "status", "account")} == {
        "channel": "wechat",
        "gross": 300 * YUAN,
        "net": 300 * YUAN,
        "status": "requested",
        "account": "****-lan",
    }
    assert [(row["step"], row["role"]) for row in body["steps"]] == [("requested", "member")]
    assert cash(lan) == (700 * YUAN, 300 * YUAN, 0)
    assert phone.get(f"/withdrawals/{body['id']}").json() == body


def test_a_lost_answer_is_replayed(phone: Phone, lan: Member) -> None:
    first = phone.post("/withdrawals", BODY, key="k-1")
    again = phone.post("/withdrawals", BODY, key="k-1")

    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert cash(lan) == (700 * YUAN, 300 * YUAN, 0)


@pytest.mark.parametrize(
    ("body", "key", "expected"),
    [
        (BODY, "", (400, "idempotency_key_missing")),
        (BODY, "x" * 256, (400, "idempotency_key_missing")),
        (BODY | {"amount": 100.5}, "k-1", (400, "invalid_input")),
        (BODY | {"amount": "100"}, "k-1", (400, "invalid_input")),
        (BODY | {"amount": 0}, "k-1", (400, "invalid_input")),
        (BODY | {"channel": "cheque"}, "k-1", (400, "invalid_input")),
        (BODY | {"member": "chen"}, "k-1", (400, "invalid_input")),
        (BODY | {"amount": 1_001 * YUAN}, "k-1", (409, "blocked")),
        (BODY | {"channel": "bank"}, "k-1", (409, "blocked")),
    ],
)
def test_a_bad_request_moves_nothing(
    phone: Phone, body: dict[str, Any], key: str, expected: tuple[int, str]
) -> None:
    before = picture()

    assert outcome(phone.post("/withdrawals", body, key=key)) == expected
    assert picture() == before


def test_a_key_belongs_to_one_body(phone: Phone) -> None:
    phone.post("/withdrawals", BODY, key="k-1")

    other = phone.post("/withdrawals", BODY | {"amount": 1}, key="k-1")

    assert outcome(other) == (422, "idempotency_key_reused")
    assert Withdrawal.objects.count() == 1


def test_a_frozen_member_reads_but_gets_no_money(
    phone: Phone,
    lan: Member,
    qian: User,
) -> None:
    row = asked(lan, 300 * YUAN)
    freeze(lan, qian)
    before = picture()

    assert phone.get(f"/withdrawals/{row.public_id}").status_code == 200
    assert phone.get("/withdrawals").json()["results"]
    assert phone.get("/me/wallets").status_code == 200
    quote = phone.get("/withdrawals/quote", amount=100, channel="wechat").json()
    assert "frozen" in [blocker["code"] for blocker in quote["blockers"]]
    assert outcome(phone.post("/withdrawals", BODY, key="k-2")) == (403, "account_frozen")
    assert picture() == before


def test_a_frozen_members_payout_does_not_start(
    lan: Member,
    qian: User,
    feng: User,
    server: Server,
) -> None:
    row = approved(lan, 300 * YUAN, qian, feng)
    freeze(lan, qian)

    refused = Phone(lan, app_id=server.app).post(f"/withdrawals/{row.public_id}/collect")

    assert outcome(refused) == (403, "account_frozen")
    assert not row.attempts.exists()


def test_a_session_for_reading_moves_no_money(phone: Phone, lan: Member) -> None:
    reader = Phone(lan, scopes=("me:read",))
    row = asked(lan, 300 * YUAN)
    before = picture()

    assert reader.get(f"/withdrawals/{row.public_id}").status_code == 200
    refused = [
        reader.post("/withdrawals", BODY, key="k-2"),
        reader.post(f"/withdrawals/{row.public_id}/cancel"),
        reader.put("/me/identity", {"real_name": "Lan"}),
        reader.put("/me/payees/alipay", {"account": "lan@example.com"}),
    ]
    assert [outcome(response) for response in refused] == [(403, "scope_missing")] * 4
    assert picture() == before


PATHS = ("", "/cancel", "/collect", "/check")


@pytest.mark.parametrize("path", PATHS)
def test_strangers_find_nothing(phone: Phone, lan: Member, chen: Member, path: str) -> None:
    address = f"/withdrawals/{asked(lan, 100).public_id}{path}"
    before, call = picture(), "post" if path else "get"

    assert outcome(getattr(Phone(chen), call)(address)) == (404, "not_found")
    assert outcome(getattr(Phone(), call)(address)) == (401, "not_signed_in")
    assert picture() == before


@pytest.mark.parametrize(
    ("call", "path"),
    [
        ("get", "/withdrawals"),
        ("post", "/withdrawals"),
        ("get", "/withdrawals/options"),
        ("get", "/withdrawals/quote"),
        ("get", "/me/wallets"),
        ("get", "/me/wallets/cash/transfers"),
        ("get", "/me/identity"),
        ("get", "/me/payees/wechat"),
        ("get", "/me/payees/wechat/authorization"),
        ("post", "/me/payees/wechat/authorization"),
    ],
)
def test_nobody_reads_without_a_session(db: None, call: str, path: str) -> None:
    assert outcome(getattr(Phone(), call)(path)) == (401, "not_signed_in")


def test_the_options_say_what_is_missing(phone: Phone, chen: Member) -> None:
    mine = phone.get("/withdrawals/options").json()
    theirs = Phone(chen).get("/withdrawals/options").json()

    assert mine["withdrawable"] == 1_000 * YUAN
    wechat = next(row for row in mine["channels"] if row["channel"] == "wechat")
    assert wechat["enabled"]
    assert (wechat["needs"], wechat["left_today"]) == ([], 20_000 * YUAN)
    assert theirs["withdrawable"] == 0
    assert {row["channel"]: row["needs"] for row in theirs["channels"]} == {
        "wechat": ["real_name", "payee"],
        "alipay": ["real_name", "payee"],
        "bank": ["real_name", "payee"],
        "store_credit": ["real_name"],
    }


def test_a_quote_lists_every_blocker_with_what_to_do(phone: Phone, chen: Member) -> None:
    good = phone.get("/withdrawals/quote", amount=30_000, channel="wechat").json()
    bad = Phone(chen).get("/withdrawals/quote", amount=30_000, channel="wechat").json()

    assert good == {
        "gross": 30_000,
        "fee": 0,
        "tax": 0,
        "net": 30_000,
        "withdrawable": 100_000,
        "blockers": [],
    }
    assert [(row["code"], row["action"]) for row in bad["blockers"]] == [
        ("real_name_needed", "enter_real_name"),
        ("payee_needed", "set_payee"),
        ("balance_too_low", "change_amount"),
    ]
    assert all(row["message"] for row in bad["blockers"])


def test_a_quote_writes_nothing(phone: Phone, chen: Member) -> None:
    before = picture()
    Phone(chen).get("/withdrawals/quote", amount=30_000, channel="wechat")
    assert picture() == before


def test_a_cancellation_can_be_repeated(phone: Phone, lan: Member) -> None:
    row = asked(lan, 300 * YUAN)

    first = phone.post(f"/withdrawals/{row.public_id}/cancel")
    after = picture()
    again = phone.post(f"/withdrawals/{row.public_id}/cancel")

    assert (first.status_code, again.json()) == (200, first.json())
    assert first.json()["status"] == "cancelled"
    assert cash(lan) == (1_000 * YUAN, 0, 0)
    assert picture() == after


def test_steps_name_roles_and_reasons_but_nobody(
    phone: Phone,
    lan: Member,
    qian: User,
) -> None:
    row = asked(lan, 300 * YUAN)
    reason = RejectionReason.objects.create(code="odd", label="Name differs")
    reject(withdrawal=row, by=qian, at=clock.now(), reason=reason, note="Call us")

    body = phone.get(f"/withdrawals/{row.public_id}")

    assert [(step["step"], step["role"], step["reason"]) for step in body.json()["steps"]] == [
        ("requested", "member", ""),
        ("rejected", "shop", "Name differs Call us"),
    ]
    assert b"qian" not in body.content.lower()


def test_a_payout_is_collected_and_checked(
    lan: Member,
    qian: User,
    feng: User,
    server: Server,
) -> None:
    row, phone = approved(lan, 300 * YUAN, qian, feng), Phone(lan, app_id=server.app)
    address = f"/withdrawals/{row.public_id}"

    first = phone.post(f"{address}/collect")
    server.pass_time(minutes=1)
    again = phone.post(f"{address}/collect")
    server.confirm(row.attempts.get().out_bill_no)
    server.pass_time(minutes=1)
    checked = phone.post(f"{address}/check")

    assert (first.status_code, again.status_code) == (200, 200)
    body = again.json()
    assert (body["merchant_id"], body["app_id"]) == (server.merchant, server.app)
    assert body["package"]
    assert body["expires_at"]
    assert "openid" not in again.content.decode()
    assert checked.json()["status"] == "paid"
    assert [step["step"] for step in checked.json()["steps"]][-1] == "paid"
    assert row.attempts.count() == 1
    assert cash(lan) == (700 * YUAN, 0, 0)


def test_a_tap_whose_answer_is_lost_is_repeated(
    lan: Member,
    qian: User,
    feng: User,
    server: Server,
) -> None:
    row, phone = approved(lan, 300 * YUAN, qian, feng), Phone(lan, app_id=server.app)
    server.script(on="send", faults=[ReplyLost()])

    first = phone.post(f"/withdrawals/{row.public_id}/collect")
    server.pass_time(minutes=1)
    again = phone.post(f"/withdrawals/{row.public_id}/collect")

    assert (first.status_code, first["Retry-After"]) == (202, "2")
    assert again.json()["package"]
    assert row.attempts.count() == 1


def test_a_payout_is_collected_in_the_app_of_the_account(
    lan: Member,
    qian: User,
    feng: User,
    server: Server,
) -> None:
    row = approved(lan, 300 * YUAN, qian, feng)

    refused = Phone(lan, app_id="wx-other").post(f"/withdrawals/{row.public_id}/collect")

    assert outcome(refused) == (409, "wrong_app")
    assert refused.json()["data"] == {"app_id": server.app}
    assert not row.attempts.exists()


def test_a_phone_collects_at_most_twenty_times_a_minute(phone: Phone, lan: Member) -> None:
    addresses = [f"/withdrawals/{asked(lan, 100).public_id}/collect", "/withdrawals/none/collect"]

    # Another minute may begin in between: 40 calls fit into two.
    answers = [phone.post(addresses[number % 2]) for number in range(41)]

    refused = [number for number, answer in enumerate(answers) if answer.status_code == 429]
    assert refused[0] >= 20
    assert outcome(answers[refused[0]]) == (429, "too_many_requests")
    assert int(answers[refused[0]]["Retry-After"]) > 0


def test_cash_becomes_store_credit(phone: Phone, lan: Member, qian: User, feng: User) -> None:
    body = BODY | {"channel": "store_credit"}
    assert outcome(phone.post("/withdrawals", body, key="k-0")) == (409, "blocked")
    change_policy(by=feng, at=NOON, store_credit=True)

    quoted = phone.get("/withdrawals/quote", amount=300 * YUAN, channel="store_credit").json()
    asked_for = phone.post("/withdrawals", body, key="k-1").json()
    row = Withdrawal.objects.get()
    approve_as_operations(withdrawal=row, by=qian, at=clock.now())
    approve_as_finance(withdrawal=row, by=feng, at=clock.now())
    start_approved_payouts(at=clock.now())

    assert (quoted["net"], quoted["blockers"]) == (300 * YUAN, [])
    assert (asked_for["channel"], asked_for["account"]) == ("store_credit", "")
    told = phone.get(f"/withdrawals/{row.public_id}").json()
    assert (told["status"], told["steps"][-1]["role"]) == ("paid", "shop")
    lines = phone.get("/me/wallets/store_credit/transfers").json()
    assert [(line["change"], line["reason"], line["purpose"]) for line in lines["results"]] == [
        (300 * YUAN, "conversion", {"kind": "withdrawal", "id": row.public_id, "title": ""})
    ]
    assert phone.get("/me/wallets/cash/transfers").json()["totals"]["outgoing"] == 300 * YUAN
    assert outcome(phone.put("/me/payees/store_credit", {"account": "x"})) == (400, "invalid_payee")


def test_payouts_are_allowed_without_confirmation(lan: Member, feng: User, server: Server) -> None:
    address, phone = "/me/payees/wechat/authorization", Phone(lan, app_id=server.app)
    assert outcome(phone.post(address)) == (404, "feature_off")
    change_policy(by=feng, at=NOON, authorizations=True)
    assert outcome(phone.get(address)) == (404, "not_found")
    assert outcome(Phone(lan, app_id="wx-other").post(address)) == (409, "wrong_app")

    asked_for = phone.post(address)
    server.grant(PayoutAuthorization.objects.get().number)
    checked = phone.post(f"{address}/check").json()
    closed = phone.post(f"{address}/close").json()

    assert asked_for.status_code == 200
    body = asked_for.json()
    assert (body["status"], body["merchant_id"], body["app_id"]) == (
        "wait_user_confirm", server.merchant, server.app,
    )  # fmt: skip
    assert body["package"]
    assert (checked["status"], checked["package"]) == ("taking_effect", "")
    assert (closed["status"], closed["close_reason"]) == ("closed", "CLOSE_VIA_MCH_API")
    assert phone.get(address).json() == closed
    assert "openid" not in asked_for.content.decode()


def test_an_authorization_that_wechat_has_not_answered(
    lan: Member, feng: User, server: Server
) -> None:
    change_policy(by=feng, at=NOON, authorizations=True)
    server.script(on="authorize", faults=[ReplyLost()])

    response = Phone(lan, app_id=server.app).post("/me/payees/wechat/authorization")

    assert (response.status_code, response["Retry-After"]) == (202, "2")


def test_the_provider_is_asked_once_in_five_seconds(phone: Phone, lan: Member) -> None:
    address = f"/withdrawals/{asked(lan, 100).public_id}/check"

    first, second = phone.post(address), phone.post(address)

    assert first.status_code == 200
    assert outcome(second) == (429, "too_many_requests")
    assert second["Retry-After"] == "5"


def test_identity_and_payee_are_answered_masked(phone: Phone, chen: Member) -> None:
    Identity.objects.create(member=chen, provider="wechat_mini", external_id="openid-of-chen")
    other = Phone(chen)
    assert outcome(other.get("/me/identity")) == (404, "not_found")
    assert outcome(other.get("/me/payees/wechat")) == (404, "not_found")

    named = other.put("/me/identity", {"real_name": "陈晨", "id_number": ID_NUMBER})
    paid_to = other.put("/me/payees/wechat", {})

    assert named.json() == {"real_name": "陈*", "id_number": "****002X"}
    assert (paid_to.json()["channel"], paid_to.json()["account"]) == ("wechat", "****chen")
    assert other.get("/me/identity").json() == named.json()
    assert other.get("/me/payees/wechat").json() == paid_to.json()


@pytest.mark.parametrize(
    ("channel", "body", "expected"),
    [
        ("wechat", {"account": "openid-of-bo"}, (400, "invalid_payee")),
        ("wechat", {}, (400, "invalid_payee")),
        ("bank", {"account": "6222020200001234567"}, (400, "invalid_payee")),
        ("cheque", {"account": "1"}, (400, "invalid_payee")),
        ("alipay", {"account": 7}, (400, "invalid_input")),
    ],
)
def test_a_payee_is_ones_own(
    chen: Member, channel: str, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert outcome(Phone(chen).put(f"/me/payees/{channel}", body)) == expected
    assert not Payee.objects.exists()


def test_wallets_show_what_is_held_and_owed(phone: Phone, lan: Member) -> None:
    asked(lan, 300 * YUAN)

    wallets = phone.get("/me/wallets").json()

    assert wallets["wallets"][0] == {
        "kind": "cash",
        "balance": 700 * YUAN,
        "held": 300 * YUAN,
        "owed": 0,
        "withdrawable": 700 * YUAN,
        "pending": 0,
        "protected": 0,
    }
    assert [row["kind"] for row in wallets["wallets"]] == [
        "cash",
        "store_credit",
        "points",
        "bonus",
    ]


def test_nothing_is_withdrawable_while_money_is_owed(phone: Phone, chen: Member) -> None:
    owe(ready(chen, 500 * YUAN))

    wallet = Phone(chen).get("/me/wallets").json()["wallets"][0]

    assert (wallet["owed"], wallet["withdrawable"]) == (300 * YUAN, 0)


def test_a_statement_names_purposes_and_sums(phone: Phone, lan: Member) -> None:
    row = asked(lan, 300 * YUAN)
    address = "/me/wallets/cash/transfers"

    everything = phone.get(address).json()
    outgoing = phone.get(address, direction="out").json()

    assert [(line["change"], line["balance_after"], line["reason"]) for line in
            everything["results"]] == [
        (-300 * YUAN, 700 * YUAN, "hold"), (1_000 * YUAN, 1_000 * YUAN, "commission"),
    ]  # fmt: skip
    assert everything["totals"] == {"incoming": 1_000 * YUAN, "outgoing": 300 * YUAN}
    assert [line["purpose"] for line in outgoing["results"]] == [
        {"kind": "withdrawal", "id": row.public_id, "title": ""}
    ]
    assert outgoing["totals"] == {"incoming": 0, "outgoing": 300 * YUAN}
    assert phone.get(address, reason="commission").json()["totals"]["outgoing"] == 0
    assert phone.get(address, to="2026-11-02T00:00:00+08:00").json()["totals"] == {
        "incoming": 1_000 * YUAN,
        "outgoing": 0,
    }
    assert outcome(phone.get(address, reason="whim")) == (400, "invalid_input")
    assert outcome(phone.get("/me/wallets/gold/transfers")) == (404, "not_found")


@pytest.mark.slow
def test_lists_take_the_same_number_of_queries(phone: Phone, lan: Member) -> None:
    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert phone.get(path).status_code == 200
        return len(queries)

    paths = ("/withdrawals", "/me/wallets/cash/transfers", "/me/wallets")
    asked(lan, 100, key="k-0")
    phone.post(f"/withdrawals/{Withdrawal.objects.get().public_id}/cancel")
    few = [count(path) for path in paths]
    for number in range(1, 20):
        earned(lan, number)
        row = asked(lan, 100, key=f"k-{number}")
        phone.post(f"/withdrawals/{row.public_id}/cancel")

    assert [count(path) for path in paths] == few
