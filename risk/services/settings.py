"""Operations switch rules on and off and tune them, on the record."""

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
        "A threshold begins at 1, and a rule for orders can only hold. Nothing was changed."
    )
    status = 400


@transaction.atomic
def change_rule(*, rule: Rule, by: User, at: datetime, **changes: Any) -> None:
    """Set fields of a rule; it decides by them from now on. What is held already stays so.

    :param changes: of ``enabled``, ``threshold``, ``min_sample`` and ``effect``
    :raises NotASetting: a number is out of bounds, or the effect is none of this stage's
    """
    now = Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    before = {name: getattr(now, name) for name in changes}
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
