"""Changes of rule settings are validated and recorded."""

from __future__ import annotations

from typing import Any

import pytest

from events.models import Event
from members.models import User
from risk.models import Rule, RuleName, Stage
from risk.rules import CONTACTS
from risk.services import change_rule
from risk.services.settings import InvalidRuleSettings
from tests.cast import NOON
from tests.risk.shop import recorded

pytestmark = pytest.mark.django_db


def test_every_rule_exists_and_orders_are_not_screened_by_default() -> None:
    of_withdrawals = Rule.objects.filter(stage=Stage.WITHDRAWAL)
    of_orders = Rule.objects.filter(stage=Stage.ORDER)

    assert set(of_withdrawals.values_list("name", flat=True)) == set(RuleName.values)
    assert not of_withdrawals.filter(enabled=False).exists()
    about_payees = {RuleName.SHARED_PAYEE, RuleName.SHARED_IDENTITY}
    assert set(of_orders.values_list("name", flat=True)) == set(RuleName.values) - about_payees
    assert not of_orders.filter(enabled=True).exists()


def test_the_contacts_of_friends_are_compared_by_default(qian: User) -> None:
    of_friends = Rule.objects.filter(stage=Stage.REFERRAL)

    assert set(of_friends.values_list("name", flat=True)) == set(CONTACTS)
    assert not of_friends.filter(enabled=False).exists()
    with pytest.raises(InvalidRuleSettings):
        change_rule(rule=of_friends[0], by=qian, at=NOON, effect="block")


def test_a_change_is_recorded_with_the_previous_values(qian: User) -> None:
    rule = Rule.objects.get(stage=Stage.ORDER, name=RuleName.SHARED_PHONE)

    change_rule(rule=rule, by=qian, at=NOON, enabled=True, threshold=2, min_sample=0)

    rule.refresh_from_db()
    assert (rule.enabled, rule.threshold) == (True, 2)
    event = Event.objects.get(name="risk.rule_changed")
    assert (event.before, event.after) == (
        {"enabled": False, "threshold": 1}, {"enabled": True, "threshold": 2},
    )  # fmt: skip
    assert (event.actor_id, event.data) == ("qian", {"stage": "order", "rule": "shared_phone"})


def test_without_a_change_no_event_is_recorded(qian: User) -> None:
    rule = Rule.objects.get(stage=Stage.ORDER, name=RuleName.SHARED_PHONE)

    change_rule(rule=rule, by=qian, at=NOON, threshold=rule.threshold)

    assert recorded("risk.rule_changed") == 0


@pytest.mark.parametrize(
    "changes", [{"threshold": 0}, {"threshold": -1}, {"threshold": 2**40}, {"effect": "block"},
                {"effect": "fine"}, {"min_sample": -1}]
)  # fmt: skip
def test_invalid_settings_are_refused(qian: User, changes: dict[str, Any]) -> None:
    rule = Rule.objects.get(stage=Stage.ORDER, name=RuleName.SHARED_PHONE)
    before = list(Rule.objects.values())

    with pytest.raises(InvalidRuleSettings):
        change_rule(rule=rule, by=qian, at=NOON, **changes)

    assert list(Rule.objects.values()) == before
    assert recorded("risk.rule_changed") == 0
