"""Change the settings of incentives."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from events.changes import change
from incentives.events import INCENTIVES_POLICY_CHANGED
from incentives.models import Policy
from members.models import User


class InvalidIncentivePolicy(TwotierError):
    code = "invalid_incentive_policy"
    message = _(
        "Commissions and awards together are above 0 and at most 100 percent of what an order"
        " paid. Nothing was changed."
    )
    status = 400


def change_policy(*, by: User, at: datetime, **changes: Any) -> Policy:
    """Change fields of the policy; what was given stays.

    :param changes: fields of ``Policy`` and their new values
    :raises InvalidIncentivePolicy: a value is out of bounds
    """
    return change(
        Policy.objects.filter(pk=1),
        changes,
        event_type=INCENTIVES_POLICY_CHANGED,
        refusal=InvalidIncentivePolicy,
        at=at,
        by=by,
    )
