"""The system check of the daily reconciliation."""

from __future__ import annotations

import pytest

from closing.checks import check_reconciliation
from closing.services import reconcile
from common import clock
from members.models import Member, User
from tests.closing.books import PAID, paid
from tests.shop import DAY
from tests.withdrawals.factories import YUAN

pytestmark = pytest.mark.django_db


def warning_ids() -> list[str]:
    return [message.id or "" for message in check_reconciliation(databases=["default"])]


def test_without_payments_there_is_no_warning(lan: Member) -> None:
    assert warning_ids() == []


def test_old_or_failed_reconciliations_are_reported(
    lan: Member, qian: User, feng: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: PAID + DAY)
    paid(lan, 1_000 * YUAN, qian, feng)
    assert warning_ids() == ["closing.W001"]

    reconcile(day=PAID.date() - DAY, at=PAID + DAY)
    assert warning_ids() == []

    reconcile(day=PAID.date(), at=PAID + DAY)
    assert warning_ids() == ["closing.W002"], "the statement is missing"

    monkeypatch.setattr(clock, "now", lambda: PAID + 3 * DAY)
    assert warning_ids() == ["closing.W001"]
