"""Change the order policy."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from events.changes import change
from members.models import User
from orders.events import ORDERS_POLICY_CHANGED
from orders.models import Policy


class InvalidOrderPolicy(TwotierError):
    code = "invalid_order_policy"
    message = _(
        "The protection lasts 365 days at most, and an order counts as received after 7 to 365"
        " days. Nothing was changed."
    )
    status = 400


def change_policy(*, by: User, at: datetime, **changes: Any) -> Policy:
    """Change fields of the policy; what is fixed on orders stays.

    :param changes: fields of ``Policy`` and their new values
    :raises InvalidOrderPolicy: a value is out of bounds
    """
    return change(
        Policy.objects.filter(pk=1),
        changes,
        event_type=ORDERS_POLICY_CHANGED,
        refusal=InvalidOrderPolicy,
        at=at,
        by=by,
    )
