"""A demo with weeks of orders has work in every queue, and its books agree."""

from __future__ import annotations

import pytest
from django.db.models import Count

from backoffice.models import Import
from closing.controls import findings
from closing.models import Adjustment
from commissions.models import Claim, Plan
from common.clock import business_day
from demo.seed import seed
from distribution.models import Application, Binding
from incentives.models import Award, LevelReview, PeriodClosing, Proof
from integration.models import MallImport
from ledger.proof import differences
from members.models import MemberMerge
from orders.models import Order, OrderConflict, Refund
from risk.models import Case
from sharing.models import Visit
from tests.cast import NOON
from tests.shop import DAY
from withdrawals.models import Withdrawal

pytestmark = [pytest.mark.django_db, pytest.mark.one_transaction, pytest.mark.slow]
WEEKS = 8


def test_some_weeks_leave_work_in_every_queue() -> None:
    lines: list[str] = []

    seed(at=NOON, weeks=WEEKS, show=lines.append)

    assert len(lines) == 1
    assert Order.objects.count() > 30 * WEEKS
    assert Visit.objects.count() > 10 * WEEKS
    teams = Binding.objects.order_by().values_list("distributor").annotate(size=Count("pk"))
    assert max(size for _distributor, size in teams) > WEEKS / 2
    for waiting in (
        Application.objects.filter(status=Application.Status.SUBMITTED),
        Withdrawal.objects.filter(status=Withdrawal.Status.REQUESTED),
        Withdrawal.objects.filter(status=Withdrawal.Status.OPS_APPROVED),
        Claim.objects.open(),
        Case.objects.filter(status=Case.Status.OPEN),
        OrderConflict.objects.open(),
        Refund.objects.open(),
        Adjustment.objects.filter(status=Adjustment.Status.PROPOSED),
        MemberMerge.objects.filter(status=MemberMerge.Status.PROPOSED),
        Plan.objects.filter(status=Plan.Status.SUBMITTED),
        MallImport.objects.filter(status=MallImport.Status.DONE),
        MallImport.objects.filter(status=MallImport.Status.FAULTY),
        Award.objects.filter(status=Award.Status.GRANTED),
        PeriodClosing.objects.filter(status=PeriodClosing.Status.FINAL),
        PeriodClosing.objects.filter(status=PeriodClosing.Status.WAITING),
        Proof.objects.open(),
        LevelReview.objects.all(),
        Import.objects.filter(kind="members", status=Import.Status.DONE),
        Import.objects.filter(kind="members", status=Import.Status.CHECKED, wrong__gt=0),
    ):
        assert waiting.exists(), waiting.query
    assert differences() == []
    assert [
        str(control) for control, wrong in findings(business_day(NOON - DAY)).items() if wrong
    ] == []
