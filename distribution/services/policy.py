"""How the shop recruits and binds is changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from distribution.models import Policy
from events.services import happened
from members.models import User


class NotAPolicy(TwotierError):
    code = "not_a_policy"
    message = _(
        "Days, amounts and numbers of people begin at 1 and days end at 36500; leave a field empty"
        " for none. Nothing was changed."
    )
    status = 400


@transaction.atomic
def change_policy(*, by: User, at: datetime, **changes: Any) -> Policy:
    """Set fields of the policy from now on; bindings that are there keep what they were given.

    :param changes: fields of ``Policy`` and their new values
    :raises NotAPolicy: a number is out of bounds
    """
    policy = Policy.objects.select_for_update().get(pk=1)
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
        raise NotAPolicy from None
    happened(
        "distribution.policy_changed", policy, at=at, by=by,
        before={name: before[name] for name in after}, after=after,
    )  # fmt: skip
    return policy
