"""The state of the whole system: how late money is, which jobs run, what is open.

Each room supplies its figures in ``queries``; here they are only collected and judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alarms import queries as alarms
from alarms.kinds import LEDGER_INCONSISTENT
from closing import queries as closing
from commissions import queries as commissions
from config import jobs
from config.jobs import JobState
from events import queries as events
from orders import queries as orders
from risk import queries as risk
from withdrawals import queries as withdrawals

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Age:
    """How long the oldest of something has waited, in seconds; 0 if nothing waits.

    :param limit: above it, money has stopped
    """

    name: str
    label: str | Promise
    seconds: int
    limit: int

    @property
    def stops_money(self) -> bool:
        return self.seconds > self.limit


@dataclass(frozen=True, slots=True)
class Status:
    """The figures at one moment; counts by kind."""

    ages: list[Age]
    jobs: list[JobState]
    alarms: dict[str, int]
    holds: dict[str, int]
    differences: int
    conflicts: int

    @property
    def late(self) -> list[str]:
        """The names of what stops money; empty if money moves."""
        late = [age.name for age in self.ages if age.stops_money]
        late += [job.name for job in self.jobs if job.stops_money]
        # A ledger that does not add up must stop payouts.
        return late + [kind for kind in (LEDGER_INCONSISTENT.code,) if self.alarms[kind]]


def collect(*, at: datetime) -> Status:
    """Return the state of the system; every figure is one cheap query."""
    return Status(
        ages=[Age(name, label, query(at=at), limit) for name, label, query, limit in _ages()],
        jobs=list(jobs.states(at=at)),
        alarms=alarms.unclosed_by_kind(),
        holds={
            **{f"commissions.{name}": n for name, n in commissions.holds_by_reason().items()},
            **{f"risk.{name}": n for name, n in risk.open_holds_by_rule().items()},
        },
        differences=closing.count_open_differences(),
        conflicts=orders.count_open_conflicts(),
    )


def _ages() -> list[tuple[str, str | Promise, Callable[..., int], int]]:
    # People pay by hand, and not at night.
    start_limit = 3 * DAY if settings.PAYOUT_GATEWAY == "manual" else HOUR
    return [
        (
            "due_commission", _("oldest commission that is due and not credited"),
            commissions.oldest_due_age, 15 * MINUTE,
        ),
        (
            "approved_withdrawal", _("oldest approved withdrawal whose payment has not started"),
            withdrawals.oldest_unstarted_age, start_limit,
        ),
        (
            "payout_attempt", _("oldest payout that should have been sent or polled"),
            withdrawals.oldest_unprocessed_attempt_age, 15 * MINUTE,
        ),
        (
            "undelivered_event", _("oldest event that is not delivered"),
            events.oldest_undelivered_age, 15 * MINUTE,
        ),
    ]  # fmt: skip
