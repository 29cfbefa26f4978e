"""A back-test gives what the engine gave: within limits, the budget and what orders bear."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from incentives.models import Award, BackTest, Metric, Policy, Version
from incentives.services.back_tests import request_back_test, run_back_tests
from incentives.services.closing import close_periods
from members.models import Member
from tests.cast import staff
from tests.incentives.engine.story import RELEASED, buy, complete_by, work
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CLOSED = PLACED + 60 * DAY

CASES: dict[str, dict[str, Any]] = {
    "each order": {"rewards": [reward(2_000)]},
    "some orders of a month": {"period": "month", "most_per_member": 2},
    "a budget in awards": {"budget_awards": 3},
    "a budget in money": {"budget_amount": 2_500},
    "a percentage": {
        "metric": Metric.OWN_SALES, "rewards": [reward(kind="percent", rate=900, most=700)],
    },
    "steps": {
        "reach": "steps", "period": "month", "metric": Metric.OWN_SALES, "budget_amount": 3_000,
        "rewards": [reward(1_000, threshold=10_000), reward(3_000, threshold=30_000)],
    },
    "each n": {
        "reach": "every", "period": "month", "budget_awards": 2,
        "rewards": [reward(900, threshold=2)],
    },
    "both sides": {
        "metric": Metric.REFERRED_BUYERS,
        "rewards": [
            reward(2_500, asset="store_credit"),
            reward(2_500, asset="store_credit", side="friend"),
        ],
    },
    "a contest": {
        "reach": "rank", "period": "month", "metric": Metric.OWN_SALES,
        "rewards": [reward(60_000, first_rank=1, last_rank=1),
                    reward(500, first_rank=2, last_rank=2)],
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def older(bo: Member) -> None:
    """An older incentive takes ¥20.00 of each order; the settings leave little for others."""
    published(name="Older", rewards=[reward(2_000)])


def sold(*buyers: Member) -> None:
    for number, who in enumerate(buyers):
        buy(who, f"O-{number}", day=number)
    complete_by(RELEASED + 9 * DAY)
    while close_periods(at=CLOSED, limit=100):
        work()


def by_engine(version: Version) -> Counter[str]:
    rows = Award.objects.filter(incentive=version.incentive, posted__gt=0)
    return sum((Counter({row.asset or row.kind: row.posted}) for row in rows), Counter())


def by_back_test(version: Version) -> Counter[str]:
    test = request_back_test(version=version, days=30, by=staff("Qian"), at=PLACED + 20 * DAY)
    while run_back_tests(at=PLACED + 20 * DAY):
        pass
    test.refresh_from_db()
    assert test.status == BackTest.Status.DONE
    assert test.awards == Award.objects.filter(incentive=version.incentive, posted__gt=0).count()
    return Counter(test.totals)


@pytest.mark.parametrize("terms", CASES.values(), ids=list(CASES))
def test_a_back_test_gives_what_the_engine_gave(
    terms: dict[str, Any], bo: Member, dan: Member
) -> None:
    terms = {"rewards": [reward(1_000)], **terms}
    Policy.objects.update(most_of_an_order=10_000)
    tried = published(**terms)
    Policy.objects.update(most_of_an_order=4_000)  # ¥43.96 less ¥16.48 of commissions
    sold(bo, dan, bo, dan, bo)

    given = by_engine(tried)

    assert given  # something is given, so that the comparison says something
    assert by_back_test(tried) == given
