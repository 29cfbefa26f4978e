"""How the shop recruits and binds is changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from distribution.events import DISTRIBUTION_POLICY_CHANGED
from distribution.models import Policy
from events.changes import change
from members.models import User


class InvalidPolicy(TwotierError):
    code = "invalid_policy"
    message = _(
        "Days, amounts and numbers of people begin at 1 and days end at 36500; leave a field empty"
        " for none. Nothing was changed."
    )
    status = 400


def change_policy(*, by: User, at: datetime, **changes: Any) -> Policy:
    """Set fields of the policy from now on; bindings that are there keep what they were given.

    :param changes: fields of ``Policy`` and their new values
    :raises NotAPolicy: a number is out of bounds
    """
    return change(
        Policy.objects.filter(pk=1),
        changes,
        event_type=DISTRIBUTION_POLICY_CHANGED,
        refusal=InvalidPolicy,
        at=at,
        by=by,
    )
