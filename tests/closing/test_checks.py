"""Whether somebody compares the books is asked by ``manage.py check``."""

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


def told() -> list[str]:
    return [one.id or "" for one in check_reconciliation(databases=["default"])]


def test_without_payments_there_is_no_warning(lan: Member) -> None:
    assert told() == []


def test_old_or_failed_reconciliations_are_reported(
    lan: Member, qian: User, feng: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: PAID + DAY)
    paid(lan, 1_000 * YUAN, qian, feng)
    assert told() == ["closing.W001"]

    reconcile(day=PAID.date() - DAY, at=PAID + DAY)
    assert told() == []

    reconcile(day=PAID.date(), at=PAID + DAY)
    assert told() == ["closing.W002"], "its bill is missing"

    monkeypatch.setattr(clock, "now", lambda: PAID + 3 * DAY)
    assert told() == ["closing.W001"]
