"""Change the distribution policy."""

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
        "Days, amounts and numbers of people must be at least 1, and days at most 36500; leave a"
        " field empty for no limit. Nothing was changed."
    )
    status = 400


def change_policy(*, by: User, at: datetime, **changes: Any) -> Policy:
    """Change fields of the policy; existing bindings keep their terms.

    :param changes: fields of ``Policy`` and their new values
    :raises InvalidPolicy: a value is out of bounds
    """
    return change(
        Policy.objects.filter(pk=1),
        changes,
        event_type=DISTRIBUTION_POLICY_CHANGED,
        refusal=InvalidPolicy,
        at=at,
        by=by,
    )
