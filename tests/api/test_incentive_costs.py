"""What one incentive costs to read does not grow with what the member has got."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.models import Metric, PeriodKind, Version
from members.models import Member
from risk.models import Rule
from tests.api.phone import Phone
from tests.incentives.offers import reward
from tests.incentives.present import campaign, completed, open_shop, put

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_more_awards_need_no_more_queries(db: None) -> None:
    bo = open_shop()
    lan = Member.objects.get(nickname="Lan")
    Rule.objects.update(enabled=False)  # many orders of one buyer would be held
    version = campaign(
        metric=Metric.OWN_ORDERS, period=PeriodKind.EACH, reach=Version.Reach.EACH,
        rewards=[reward(1_000)],
    )  # fmt: skip
    path = f"/incentives/{version.incentive.public_id}"
    put(completed(bo))
    queries(lan, path)
    before = queries(lan, path)
    put(*(completed(bo, f"O-{number}") for number in range(2, 8)))

    assert queries(lan, path) == before
    assert len(Phone(lan).get(path).json()["my_awards"]) == 7


def queries(who: Member, path: str) -> int:
    phone = Phone(who)
    with CaptureQueriesContext(connection) as captured:
        assert phone.get(path).status_code == 200
    return len(captured)
