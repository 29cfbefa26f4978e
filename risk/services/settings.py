"""Change the settings of risk rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from events.changes import change
from members.models import User
from risk.events import RISK_RULE_CHANGED
from risk.models import Rule


class InvalidRuleSettings(TwotierError):
    code = "invalid_rule_settings"
    message = _(
        "A threshold must be at least 1, and a rule for orders can only hold. Nothing was changed."
    )
    status = 400


def change_rule(*, rule: Rule, by: User, at: datetime, **changes: Any) -> Rule:
    """Change settings of a rule; existing holds stay.

    :param changes: values of ``enabled``, ``threshold``, ``min_sample`` or ``effect``
    :raises InvalidRuleSettings: a value is out of bounds, or the stage has no such effect
    """
    return change(
        Rule.objects.filter(pk=rule.pk),
        changes,
        event_type=RISK_RULE_CHANGED,
        refusal=InvalidRuleSettings,
        at=at,
        by=by,
        stage=rule.stage,
        rule=rule.name,
    )
