"""The page of an order: who is paid first, refunds in words, and a timeline with names."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from commissions.services import decide_closed_order, open_claim
from members.models import Member, User
from orders.admin.refund_words import refund_sentences
from orders.models import ClosureDecision, Refund
from tests.cast import give
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    get_order,
    ingest,
    line,
    open_shop,
    order,
    refund,
    settle_all,
    with_refund,
)

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
LATER = PLACED + 3 * DAY + WEEK


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


@pytest.fixture
def reader(as_qian: Client, qian: User) -> Client:
    give(qian, "view_order", "view_refund", "view_commission", "view_member")
    return as_qian


def url(name: str = "change", *args: Any) -> str:
    return reverse(f"admin:orders_order_{name}", args=[get_order().pk, *args])


def page(client: Client) -> str:
    return client.get(url(), headers=ENGLISH).content.decode()


def timeline(client: Client) -> str:
    return client.get(url("panel", "timeline"), headers=ENGLISH).content.decode()


def test_who_is_paid_stands_before_the_lines_and_the_facts(reader: Client, bo: Member) -> None:
    ingest(order(bo))

    text = page(reader)

    places = [text.index(f'id="panel-{name}"') for name in ("summary", "commission")]
    assert places == sorted(places)
    assert places[-1] < text.index("readonly")
    assert "¥10.99" in text
    assert "¥5.49" in text
    assert "Lan is tier 1: the buyer&#x27;s upline when the order was placed." in text
    assert "Copy all of it, for colleagues" in text


def test_names_lead_to_persons(reader: Client, bo: Member) -> None:
    ingest(order(bo))

    text = page(reader)

    for name in ("Bo", "Lan", "Mei"):
        person = Member.objects.get(nickname=name)
        assert f'<a href="/admin/members/member/{person.pk}/change/">{name}</a>' in text


def test_an_order_that_pays_nobody_says_why(reader: Client, bo: Member, chen: Member) -> None:
    ingest(order(chen))

    assert "Nobody is tier 1: the buyer had no upline when the order was placed." in page(reader)


def test_a_refund_lowers_the_sum_and_shows_what_it_was(reader: Client, bo: Member) -> None:
    ingest(with_refund(order(bo), refund(3_663)), at=LATER)

    text = page(reader)

    assert "¥7.32" in text
    assert '<s aria-label="before refunds">¥10.99</s>' in text


def test_an_open_refund_is_told_in_words_and_in_the_explanation(reader: Client, bo: Member) -> None:
    ingest(with_refund(order(bo), refund(10_990, quantity=1, number="RX1", done=False)), at=LATER)

    text = page(reader)

    assert "1 unit" in text
    assert "not decided yet." in text
    assert "Until it has an outcome, no commission of this line is credited." in text
    assert "After-sale RX1 is open: if it is paid back, 0.00 is left." in text


def test_an_open_refund_of_a_credited_commission_would_claw_back(
    reader: Client, bo: Member
) -> None:
    facts = order(bo, received=True)
    ingest(facts)
    settle_all(at=LATER)
    ingest(with_refund(facts, refund(3_663, number="RX2", done=False, at=LATER)), at=LATER)

    assert "After-sale RX2 is open: if it is paid back, 3.67 is clawed back." in page(reader)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "return", "quantity": 2, "amount": 500},
         "2 units returned, ¥5.00 refunded"),
        ({"kind": "refund", "quantity": 1, "amount": 500},
         "¥5.00 refunded for 1 unit, nothing is sent back"),
        ({"kind": "refund", "amount": 500, "freight": 100},
         "¥5.00 refunded, the goods stay with the buyer and shipping of ¥1.00"),
        ({"kind": "exchange", "quantity": 1}, "1 unit exchanged: no money is refunded"),
        ({"kind": "correction", "quantity": 1, "amount": 500},
         "Correction by staff of ¥5.00 and 1 unit"),
    ],
)  # fmt: skip
def test_each_kind_of_refund_has_a_sentence(fields: dict[str, Any], said: str) -> None:
    row = Refund(number="R", status="requested", requested_at=PLACED, **{"amount": 0, **fields})

    with translation.override("en"):
        assert refund_sentences(row)[0] == said


@pytest.mark.parametrize(
    ("status", "field", "said"),
    [
        ("requested", "requested_at", "Requested on 2026-11-02 12:00, not decided yet."),
        ("approved", "approved_at",
         "Approved on 2026-11-02 12:00, the money is not paid back yet."),
        ("done", "done_at", "Refunded on 2026-11-02 12:00."),
        ("rejected", "rejected_at", "Rejected on 2026-11-02 12:00: nothing changes."),
        ("withdrawn", "withdrawn_at",
         "Withdrawn by the buyer on 2026-11-02 12:00: nothing changes."),
    ],
)  # fmt: skip
def test_each_state_of_a_refund_has_a_sentence(status: str, field: str, said: str) -> None:
    row = Refund(
        number="R", kind="refund", amount=1, status=status, reason="坏了", **{field: PLACED}
    )

    with translation.override("en"):
        sentences = refund_sentences(row)

    assert sentences[1:3] == [said, "Reason: 坏了"]
    assert len(sentences) == (4 if status in ("requested", "approved") else 3)


def test_the_timeline_has_what_happened_and_who_did_it(
    reader: Client, bo: Member, qian: User
) -> None:
    qian.last_name, qian.first_name = "钱", "多"
    qian.save()
    facts = order(bo, received=True)
    ingest(facts)
    settle_all(at=LATER)
    ingest(with_refund(facts, refund(3_663, at=LATER)), at=LATER)
    lan = Member.objects.get(nickname="Lan")
    open_claim(member=lan, order_no="O-1", reason="amount", text="少了", at=LATER)

    text = timeline(reader)

    for said in (
        "The order was placed", "Paid", "Received", "Refund R-1 was paid back",
        "Commissions arose", "Credited: Lan", "3.67 clawed back from Lan by refund R-1",
        "A commission was claimed: amount is wrong. 少了",
    ):  # fmt: skip
        assert said in text, said
    assert text.index("clawed back") < text.index("The order was placed")  # the latest first


def test_a_closed_order_names_who_decided(reader: Client, bo: Member, feng: User) -> None:
    ingest(order(bo, closed_at=PLACED + DAY), at=PLACED + DAY)
    assert "Its commissions are held until somebody decides" in page(reader)
    feng.last_name, feng.first_name = "冯", "财"
    feng.save()

    decide_closed_order(
        order=get_order(), outcome=ClosureDecision.Outcome.CREDIT, by=feng, reason="已送达",
        at=PLACED + 2 * DAY,
    )  # fmt: skip

    assert "Decided about the closing: credit" in page(reader)
    assert "冯财" in timeline(reader)


def test_panels_need_the_right_to_see_orders(as_qian: Client, qian: User, bo: Member) -> None:
    ingest(order(bo))
    for name in ("summary", "commission", "refunds", "points", "timeline"):
        assert as_qian.get(url("panel", name)).status_code == 403
    give(qian, "view_order")
    assert as_qian.get(url("panel", "commission")).status_code == 200
    assert as_qian.get(url("panel", "refunds")).status_code == 403
    assert as_qian.get(url("panel", "nothing")).status_code == 404


def test_more_lines_need_no_more_queries(reader: Client, bo: Member) -> None:
    ingest(order(bo))
    few = _queries(reader, "O-1")
    lines = [line(number=number, price=1_000) for number in range(1, 9)]
    ingest(order(bo, *lines, number="O-2"))

    assert _queries(reader, "O-2") <= few


def _queries(client: Client, number: str) -> int:
    address = reverse("admin:orders_order_change", args=[get_order(number).pk])
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        client.get(address)
    return len(seen)
