"""The daily task fetches missing statements and runs every control."""

from __future__ import annotations

from datetime import timedelta

import pytest

from closing.models import Difference, ProviderStatement
from closing.services import top_up
from closing.tasks import reconcile_daily
from common import clock
from events.models import Event
from members.models import Member, User
from tests.closing.books import PAID, paid
from tests.closing.statements import TODAY
from tests.withdrawals.factories import YUAN
from wechatpay.statements import StatementUnavailable

pytestmark = pytest.mark.django_db
MORNING = clock.day_start(TODAY) + timedelta(days=1, hours=10, minutes=30)


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MORNING)


def test_the_statement_of_yesterday_is_fetched_and_controls_pass(
    lan: Member, qian: User, feng: User
) -> None:
    paid(lan, 1_000 * YUAN, qian, feng)
    top_up(document="T1", amount=5_000 * YUAN, by=feng, at=PAID)

    for _ in range(2):
        reconcile_daily()

    assert [file.day for file in ProviderStatement.objects.all()] == [TODAY]
    assert not Difference.objects.exists()
    assert Event.objects.filter(name="closing.reconciled").count() == 2


def test_controls_run_when_the_provider_is_unavailable(
    lan: Member, qian: User, feng: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*, day: object, **_given: object) -> None:
        raise StatementUnavailable(day=day, reason="timeout")

    monkeypatch.setattr("closing.tasks.fetch_statement", silent)
    attempt = paid(lan, 1_000 * YUAN, qian, feng)

    reconcile_daily()

    assert set(Difference.objects.values_list("control", "subject")) == {
        ("statement_lines", attempt.out_bill_no), ("statements", "sandbox"),
    }  # fmt: skip
