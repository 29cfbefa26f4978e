"""How the shop pays out is changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from events.services import happened
from members.models import User
from withdrawals.models import Policy
from withdrawals.rules import REGIMES, Regime


class NotAPayoutPolicy(TwotierError):
    code = "not_a_payout_policy"
    message = _("These limits contradict each other. Nothing was changed.")
    status = 400


@transaction.atomic
def change_policy(*, by: User, at: datetime, **changes: Any) -> Policy:
    """Set fields of the policy from now on; another regime comes with its present version.

    :raises NotAPayoutPolicy: a limit is out of bounds
    """
    policy = Policy.objects.select_for_update().get(pk=1)
    if "regime" in changes:
        changes["regime_version"] = REGIMES[Regime(changes["regime"])]
    before = {name: getattr(policy, name) for name in changes}
    after = {name: value for name, value in changes.items() if value != before[name]}
    if not after:
        return policy
    for name, value in after.items():
        setattr(policy, name, value)
    try:
        with transaction.atomic():
            policy.save(update_fields=after)
    except (IntegrityError, DataError):
        raise NotAPayoutPolicy from None
    happened(
        "withdrawals.policy_changed", policy, at=at, by=by,
        before={name: before[name] for name in after}, after=after,
    )  # fmt: skip
    return policy
