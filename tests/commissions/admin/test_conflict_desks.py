"""Conflicts and the proposals to accept them at their desks."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from commissions.models import ConflictAcceptance
from members.models import Member
from orders.intake import ingest_orders
from orders.models import OrderConflict
from tests.backoffice.desks import act, address, counts, listed, opened, said
from tests.cast import CLOCK, give, staff
from tests.shop import PLACED, WEEK, commissions, ingest, line, open_shop, order, settle_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_static_files"), pytest.mark.slow]
CONFLICTS, ACCEPTANCES = "order_conflicts", "conflict_acceptances"


def decider(name: str) -> Client:
    client = Client()
    client.force_login(give(staff(name), "decide_orderconflict", "view_orderconflict"))
    return client


@pytest.fixture
def bo(db: None) -> Member:
    """Bo, whose orders O-1 and O-2 were reported cheaper; those of O-1 may be credited."""
    buyer = open_shop()
    ingest(*(order(buyer, number=number, received=True) for number in ("O-1", "O-2")))
    return buyer


def report_cheaper(buyer: Member) -> list[OrderConflict]:
    cheaper = [order(buyer, line(price=9_990), number=number) for number in ("O-1", "O-2")]
    ingest_orders(cheaper, at=PLACED, clock=CLOCK)
    return list(OrderConflict.objects.order_by("pk"))


def test_a_value_is_accepted_and_the_next_conflict_opens(bo: Member) -> None:
    first, second = report_cheaper(bo)
    client = decider("Qian")
    page = opened(client, CONFLICTS)
    assert listed(page) == ["O-1", "O-2"]
    assert "单价" in page

    response = act(client, CONFLICTS, first, "accept", reason="问过商城")

    assert response.headers["Location"] == address(CONFLICTS, second)
    first.refresh_from_db()
    assert first.status == "accepted"
    assert counts(opened(client, CONFLICTS)) == ["1", "1", "0"]


def test_a_known_value_stands(bo: Member) -> None:
    first, _second = report_cheaper(bo)
    act(decider("Qian"), CONFLICTS, first, "dismiss", reason="报错了")
    first.refresh_from_db()
    assert (first.status, first.reason) == ("dismissed", "报错了")


def test_what_is_credited_waits_for_a_second_person(bo: Member) -> None:
    settle_all(at=PLACED + 8 * WEEK)
    first, _second = report_cheaper(bo)
    qian, feng = decider("Qian"), decider("Feng")

    [message] = said(act(qian, CONFLICTS, first, "accept", reason="问过商城"))
    assert message.startswith("warning: 佣金已经入账")
    assert listed(opened(qian, CONFLICTS)) == ["O-2"]
    proposal = ConflictAcceptance.objects.get()
    paid = commissions()
    assert "须由两位不同的人办理" in opened(qian, ACCEPTANCES)
    act(qian, ACCEPTANCES, proposal, "agree")
    assert commissions() == paid

    act(feng, ACCEPTANCES, proposal, "agree")

    first.refresh_from_db()
    assert first.status == "accepted"
    assert commissions() != paid


def test_a_proposal_is_refused_and_its_conflict_waits_again(bo: Member) -> None:
    settle_all(at=PLACED + 8 * WEEK)
    first, _second = report_cheaper(bo)
    client = decider("Qian")
    act(client, CONFLICTS, first, "accept", reason="问过商城")

    act(client, ACCEPTANCES, ConflictAcceptance.objects.get(), "refuse")

    assert listed(opened(client, CONFLICTS)) == ["O-1", "O-2"]
    assert "没有待第二人确认的提议" in opened(client, ACCEPTANCES)


def decided_together(client: Client, rows: list[OrderConflict], **values: str) -> str:
    """Confirm the batch of these rows and return the page of the results."""
    data = {"action": "batch", "rows": [row.pk for row in rows]}
    preview = client.post(address(CONFLICTS), data).text
    assert "单价" in preview
    seen = re.findall(r'name="seen" value="([^"]*)"', preview)
    confirmed = {**data, "action": "batch_confirm", "seen": seen, **values}
    return client.post(address(CONFLICTS), confirmed).text


def statuses() -> list[tuple[str, str]]:
    return list(OrderConflict.objects.order_by("pk").values_list("status", "reason"))


@pytest.mark.parametrize(("decision", "status"), [("accept", "accepted"), ("dismiss", "dismissed")])
def test_one_reason_decides_several(bo: Member, decision: str, status: str) -> None:
    rows = report_cheaper(bo)

    page = decided_together(decider("Qian"), rows, decision=decision, reason="问过商城")

    assert statuses() == [(status, "问过商城")] * 2
    assert "2" in page


def test_a_batch_without_reason_or_decision_keeps_what_was_typed(bo: Member) -> None:
    rows, client = report_cheaper(bo), decider("Qian")

    page = decided_together(client, rows, decision="accept", reason="")
    assert "checked" in page
    page = decided_together(client, rows, decision="sell", reason="问过商城")
    assert 'value="问过商城"' in page

    assert statuses() == [("open", "")] * 2


def test_a_batch_says_which_rows_wait_for_a_second_person(bo: Member) -> None:
    settle_all(at=PLACED + 8 * WEEK)
    rows = report_cheaper(bo)

    page = decided_together(decider("Qian"), rows, decision="accept", reason="问过商城")

    assert page.count("佣金已经入账") == 2
    assert ConflictAcceptance.objects.count() == 2


def test_conflicts_are_found_by_a_part_of_the_number(bo: Member) -> None:
    ingest(order(bo, number="E2026-0001", received=True))
    cheaper = order(bo, line(price=9_990), number="E2026-0001")
    ingest_orders([cheaper], at=PLACED, clock=CLOCK)
    client = decider("Qian")

    for term in ("e2026", "0001", "E2026-0001"):
        assert listed(opened(client, CONFLICTS, q=term)) == ["E2026-0001"], term
    assert listed(opened(client, CONFLICTS, q="026-")) == []
