"""Pages of commissions, orders and their policy: they open, are searched and are read-only."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commissions.models import (
    Commission,
    CommissionChange,
    CommissionHold,
    DueCredit,
    Plan,
    Settlement,
)
from distribution.models import Distributor
from events.models import Event
from members.models import Member
from orders.models import Order, Policy, Refund
from tests.cast import NOON
from tests.commissions.admin.pages import PRESS, count_rows, listed, messages, press, url
from tests.setting_forms import save_settings
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    commissions,
    get_order,
    ingest,
    line,
    order,
    plan,
    refund,
    settle_all,
    with_refund,
)

RELEASED = PLACED + 3 * DAY + WEEK

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MODELS = [
    Plan,
    Commission,
    DueCredit,
    CommissionHold,
    CommissionChange,
    Settlement,
    Order,
    Refund,
    Policy,
]


@pytest.mark.parametrize("language", ["zh-hans", pytest.param("en", marks=pytest.mark.slow)])
def test_every_list_and_every_row_opens(as_boss: Client, bo: Member, language: str) -> None:
    as_boss.cookies["django_language"] = language
    for model in MODELS:
        rows = list(model.objects.all())
        assert rows
        assert as_boss.get(listed(model)).status_code == 200
        assert as_boss.get(listed(model), {"q": "Lan"}).status_code == 200
        for row in {rows[0], rows[-1]}:
            assert as_boss.get(url(row)).status_code == 200
            assert as_boss.get(url(row, "history")).status_code == 200


def test_rows_cannot_be_added_or_deleted_by_hand(as_boss: Client, bo: Member) -> None:
    for model in MODELS[1:]:
        row = model.objects.first()
        assert as_boss.get(listed(model) + "add/").status_code == 403
        assert as_boss.post(url(row, "delete"), {"post": "yes"}).status_code == 403
        if model is not Policy:
            assert "_save" not in as_boss.get(url(row)).content.decode()
            assert as_boss.post(url(row), {"current": 1, "number": "x"}).status_code == 403


def queries(client: Client, model: type[Any]) -> int:
    client.get(listed(model))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(listed(model)).status_code == 200
    if model not in (Plan, Policy):
        assert not [query for query in captured if "COUNT(*)" in query["sql"]]
    return len(captured)


def test_more_rows_need_no_more_queries(as_boss: Client, bo: Member) -> None:
    few = {model: queries(as_boss, model) for model in MODELS}
    for number in range(10, 22):
        snapshot = order(bo, number=f"O-{number}", received=True)
        ingest(snapshot)
        if number % 2:
            settle_all(at=RELEASED)
            done_refund = refund(100, number=f"R-{number}", at=RELEASED + DAY)
            ingest(with_refund(snapshot, done_refund), at=RELEASED + DAY)
        else:
            ingest(with_refund(snapshot, refund(100, number=f"R-{number}", done=False)))
        plan()

    many = {model: queries(as_boss, model) for model in MODELS}

    assert all(many[model] <= few[model] <= 8 for model in MODELS), (few, many)


def test_commissions_are_found_by_order_and_distributor(as_boss: Client, bo: Member) -> None:
    code = Distributor.objects.get(member__nickname="Lan").code
    for term, count in (
        ("O-1", 2), ("O-2", 4), ("Lan", 4), (code, 4), ("O-9", 0), ("O", 0), ("pending", 0),
    ):  # fmt: skip
        assert count_rows(as_boss, Commission, q=term) == count, term
    assert count_rows(as_boss, DueCredit, q="O-2") == 4
    assert count_rows(as_boss, CommissionHold, q="O-3") == 2
    assert count_rows(as_boss, CommissionChange, q="Lan") == 1


def test_the_page_of_a_commission_explains_it(as_boss: Client, bo: Member) -> None:
    as_boss.cookies["django_language"] = "en"
    credited = Commission.objects.get(line__order__number="O-1", tier=1)

    page = as_boss.get(url(credited)).content.decode()

    assert "Lan is tier 1" in page
    assert "R-1 clawed back 3.67" in page
    assert "10.99" in page


def test_a_button_retries_a_commission_held_for_a_fault(as_boss: Client, bo: Member) -> None:
    due = Commission.objects.filter(due_credit__isnull=False).first()
    DueCredit.objects.filter(pk=due.pk).delete()
    held = CommissionHold.objects.create(
        commission=due, reason=CommissionHold.Reason.FAULT, detail="Odd", since=NOON
    )
    assert reverse("admin:commissions_commissionhold_retry", args=[held.pk]) in (
        as_boss.get(url(held)).content.decode()
    )

    response = press(as_boss, held, "retry")

    assert response.headers["HX-Redirect"] == listed(CommissionHold)
    assert not CommissionHold.objects.filter(pk=held.pk).exists()
    assert DueCredit.objects.get(pk=due.pk).amount == due.current
    assert Event.objects.latest("pk").name == "commissions.retried"


def test_retrying_a_hold_that_has_changed_shows_an_error(as_boss: Client, bo: Member) -> None:
    as_boss.cookies["django_language"] = "en"
    due = Commission.objects.filter(due_credit__isnull=False).first()
    DueCredit.objects.filter(pk=due.pk).delete()
    held = CommissionHold.objects.create(
        commission=due, reason=CommissionHold.Reason.FAULT, since=NOON
    )
    address = reverse("admin:commissions_commissionhold_retry", args=[held.pk])
    dialog = as_boss.get(address)
    CommissionHold.objects.filter(pk=held.pk).update(reason=CommissionHold.Reason.RISK)

    response = as_boss.post(address, PRESS)

    assert dialog.status_code == 200
    assert [level for level, _ in messages(response)] == ["error"]
    assert not DueCredit.objects.filter(pk=due.pk).exists()


def test_a_hold_for_an_open_after_sale_cannot_be_retried(as_boss: Client, bo: Member) -> None:
    held = CommissionHold.objects.filter(reason=CommissionHold.Reason.AFTER_SALE).first()
    assert reverse("admin:commissions_commissionhold_retry", args=[held.pk]) not in (
        as_boss.get(url(held)).content.decode()
    )

    press(as_boss, held, "retry")

    assert CommissionHold.objects.filter(pk=held.pk).exists()


@pytest.mark.parametrize(
    ("button", "left"), [("credit_closed_order", [1_099, 549]), ("treat_as_refunded", [0, 0])]
)
def test_a_button_decides_about_a_closed_order(
    as_boss: Client, bo: Member, button: str, left: list[int]
) -> None:
    ingest(order(bo, number="O-9", received=True, closed_at=PLACED + 5 * DAY))
    held = CommissionHold.objects.filter(reason=CommissionHold.Reason.CLOSED).first()
    page = as_boss.get(url(held)).content.decode()
    assert reverse(f"admin:commissions_commissionhold_{button}", args=[held.pk]) in page
    assert reverse("admin:commissions_commissionhold_retry", args=[held.pk]) not in page

    press(as_boss, held, button, reason="商城已确认")

    assert [row[4] for row in commissions("O-9")] == left
    assert not CommissionHold.objects.filter(reason=CommissionHold.Reason.CLOSED).exists()
    assert "商城已确认" in as_boss.get(url(get_order("O-9"))).content.decode()


def test_orders_and_refunds_are_found_by_number_person_and_status(
    as_boss: Client, bo: Member
) -> None:
    for term, count in (("O-1", 1), ("Bo", 3), ("bo", 3), ("O", 0)):
        assert count_rows(as_boss, Order, q=term) == count, term
    for term, count in (("R-1", 1), ("O-1", 1), ("R", 0)):
        assert count_rows(as_boss, Refund, q=term) == count, term
    assert count_rows(as_boss, Order, status="received") == 3
    assert count_rows(as_boss, Refund, status="done") == 1


def test_the_page_of_an_order_explains_its_lines_and_refunds(as_boss: Client, bo: Member) -> None:
    as_boss.cookies["django_language"] = "en"

    page = as_boss.get(url(get_order("O-1"))).content.decode()

    assert "109.90" in page
    assert "36.63" in page
    assert "Mei is tier 2: the upline of tier 1" in page
    assert "R-1 clawed back 3.67" in page

    nobody = as_boss.get(url(get_order("O-4"))).content.decode()
    assert "Nobody is tier 1: the buyer had no upline" in nobody


def test_more_lines_need_no_more_queries_for_an_order(as_boss: Client, bo: Member) -> None:
    ingest(order(bo, number="O-5"), order(bo, *(line(number=n) for n in range(1, 9)), number="O-6"))

    def count(number: str) -> int:
        as_boss.get(url(get_order(number)))
        with CaptureQueriesContext(connection) as captured:
            as_boss.get(url(get_order(number)))
        return len(captured)

    assert count("O-6") <= count("O-5")


def test_a_change_of_the_policy_is_recorded_and_changes_no_order(
    as_boss: Client, bo: Member
) -> None:
    before = list(Order.objects.values()), commissions("O-2")
    settings = Policy.current()
    data = {
        "protection_days": 15,
        "self_purchase": "self",
        "refund_alarm_days": 7,
        "receipt_alarm_days": 30,
    }

    assert save_settings(as_boss, url(settings), data).status_code == 302

    assert Policy.current().protection_days == 15
    assert (list(Order.objects.values()), commissions("O-2")) == before
    event = Event.objects.latest("pk")
    assert (event.name, event.actor_id) == ("orders.policy_changed", "boss")
    assert event.before == {"protection_days": 7, "self_purchase": "upline"}
    assert event.after == {"protection_days": 15, "self_purchase": "self"}

    save_settings(as_boss, url(settings), data)
    assert Event.objects.latest("pk") == event
    refused = save_settings(as_boss, url(settings), data | {"protection_days": 366})
    assert (refused.status_code, bool(refused.context["errors"])) == (200, True)
    assert Policy.current().protection_days == 15
