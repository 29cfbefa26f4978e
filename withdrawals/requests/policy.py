"""Change the payout policy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from events.changes import change
from members.models import User
from withdrawals.events import WITHDRAWALS_POLICY_CHANGED
from withdrawals.models import Policy
from withdrawals.tax.rules import REGIMES, Regime


class InvalidPayoutPolicy(TwotierError):
    code = "invalid_payout_policy"
    message = _("The limits contradict each other. Correct them; nothing was changed.")
    status = 400


def change_policy(*, by: User, at: datetime, **changes: Any) -> Policy:
    """Change fields of the policy; a new tax regime takes its current version.

    :raises InvalidPayoutPolicy: a limit is out of bounds
    """
    if "regime" in changes:
        changes["regime_version"] = REGIMES[Regime(changes["regime"])]
    return change(
        Policy.objects.filter(pk=1),
        changes,
        event_type=WITHDRAWALS_POLICY_CHANGED,
        refusal=InvalidPayoutPolicy,
        at=at,
        by=by,
    )
