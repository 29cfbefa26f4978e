"""Change the settings of risk rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from events.services import record
from members.models import User
from risk.events import RISK_RULE_CHANGED
from risk.models import Rule


class InvalidRuleSettings(TwotierError):
    code = "invalid_rule_settings"
    message = _(
        "A threshold must be at least 1, and a rule for orders can only hold. Nothing was changed."
    )
    status = 400


@transaction.atomic
def change_rule(*, rule: Rule, by: User, at: datetime, **changes: Any) -> None:
    """Change settings of a rule; existing holds stay.

    :param changes: values of ``enabled``, ``threshold``, ``min_sample`` or ``effect``
    :raises InvalidRuleSettings: a value is out of bounds, or the stage has no such effect
    """
    current = Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    before = {name: getattr(current, name) for name in changes}
    after = {name: value for name, value in changes.items() if value != before[name]}
    if not after:
        return
    try:
        with transaction.atomic():
            Rule.objects.filter(pk=rule.pk).update(**after)
    except (IntegrityError, DataError):
        raise InvalidRuleSettings from None
    for name, value in after.items():
        setattr(rule, name, value)
    record(
        RISK_RULE_CHANGED, rule, at=at, by=by,
        before={name: before[name] for name in after}, after=after,
        stage=rule.stage, rule=rule.name,
    )  # fmt: skip
