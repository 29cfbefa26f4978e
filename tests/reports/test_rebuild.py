"""Figures are folded and rebuilt while orders come in."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from reports.folding.buyers import fold_buyers
from reports.folding.periods import fold_periods
from reports.folding.sales import fold_sales
from reports.models import Delta, PeriodFigures
from reports.sales import total
from reports.services import differences, rebuild
from reports.spans import Span
from tests.concurrency import run_concurrently
from tests.reports.folding import fold_all
from tests.shop import PLACED, ingest, open_shop, order


def test_orders_folds_and_rebuilds_at_once_lose_nothing(committed: str) -> None:
    bo = open_shop()

    def sell(worker: int) -> None:
        for number in range(10):
            ingest(order(bo, number=f"O-{worker}-{number}"))

    def fold_often() -> None:
        for _ in range(20):
            for step in (fold_periods, fold_sales, fold_buyers):
                step(limit=3)

    def rebuild_often() -> None:
        for _ in range(5):
            rebuild()

    run_concurrently(lambda: sell(1), lambda: sell(2), fold_often, fold_often, rebuild_often)

    assert differences() == []
    fold_all()
    assert differences() == []
    assert not Delta.objects.exists()
    assert total(Span(PLACED.date(), PLACED.date())).orders == 20
    assert PeriodFigures.objects.get(period="all", distributor__member__nickname="Lan").orders == 20


def test_the_command_finds_and_mends_what_was_changed(committed: str) -> None:
    ingest(order(open_shop()))
    fold_all()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reports_periodfigures SET income = 0")

    found = StringIO()
    with pytest.raises(SystemExit):
        call_command("rebuild_reports", "--check", stdout=found)
    # Lan's day, week, month and life; the shop's day.
    assert len(found.getvalue().splitlines()) == 5

    call_command("rebuild_reports", stdout=StringIO())
    assert differences() == []


def test_a_rebuild_needs_a_transaction_of_its_own(db: None) -> None:
    with pytest.raises(RuntimeError, match="of its own"):
        rebuild()
