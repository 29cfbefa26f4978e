"""Let the demo's distributors withdraw what they have earned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from django.utils.translation import gettext as _

from closing.services import top_up
from demo.names import GIVEN_NAMES, SURNAMES
from events.models import Reference
from members.models import Member, User
from risk.services import find_open_holds, release
from withdrawals.models import Payee, Withdrawal
from withdrawals.options import options
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    identify,
    process_attempt,
    request_withdrawal,
    set_payee,
    start_payout,
)

HOUR = timedelta(hours=1)
LEAST, MOST = 2_000, 26_000  # fen; above 800 yuan a month an ID number would be needed
TOPPED_UP = 500_000
EAGER = 0.5
"""The part of those with money who withdraw in a month."""


def withdraw(
    distributors: Sequence[Member], staff: dict[str, User], *, dice: Random, at: datetime
) -> None:
    """Let some distributors withdraw, review it twice and pay it from what is topped up before."""
    top_up(document=f"DEMO-{at:%Y%m%d}", amount=TOPPED_UP, by=staff["feng"], at=at)
    for member in distributors:
        if dice.random() < EAGER and (withdrawal := request(member, dice=dice, at=at)):
            clear(withdrawal, by=staff["qian"], at=at + HOUR)
            approve_as_operations(withdrawal=withdrawal, by=staff["qian"], at=at + HOUR)
            approve_as_finance(withdrawal=withdrawal, by=staff["feng"], at=at + 2 * HOUR)
            attempt = start_payout(withdrawal=withdrawal, at=at + 3 * HOUR)
            assert attempt, "the tax is unchanged"
            for later in (3, 4):
                process_attempt(attempt=attempt.pk, at=at + later * HOUR)


def clear(withdrawal: Withdrawal, *, by: User, at: datetime) -> None:
    """Release what the rules of risk hold a withdrawal for: on some days they find something."""
    subject = Reference.to(withdrawal)
    for hold in find_open_holds([subject])[subject]:
        release(hold=hold, by=by, at=at, reason=_("Asked on the phone: all is well."))


def request(member: Member, *, dice: Random, at: datetime) -> Withdrawal | None:
    """Request most of what a member has; ``None`` if that is too little."""
    free = options(member=member, at=at).withdrawable
    amount = min(int(free * dice.uniform(0.6, 0.95)) // 100 * 100, MOST)
    if amount < LEAST:
        return None
    if not Payee.objects.filter(member=member).exists():
        identify(member=member, name=dice.choice(SURNAMES) + dice.choice(GIVEN_NAMES), at=at)
        set_payee(member=member, channel="wechat", account=f"oDemoC{member.pk:022}", at=at)
    return request_withdrawal(
        member=member, amount=amount, key=f"demo-{member.pk}-{at:%Y%m%d}", at=at
    )
