"""Policy changes are validated, recorded and not retroactive."""

from __future__ import annotations

import pytest

from distribution.models import Binding, Policy
from distribution.services import change_policy
from distribution.services.policy import InvalidPolicy
from events.models import Event
from members.models import Member, User
from tests.cast import NOON
from tests.distribution.people import last_event, rows
from tests.shop import DAY, distributor, make_referral


@pytest.mark.django_db
def test_a_change_is_recorded_with_before_and_after(qian: User) -> None:
    change_policy(
        by=qian,
        at=NOON,
        binding_days=90,
        binding_audience=Policy.BindingAudience.NEW,
        renewed_by_orders=False,
    )

    policy = Policy.current()
    assert (policy.binding_days, policy.binding_audience) == (90, "new")
    event = last_event("policy_changed")
    assert (event.before, event.after, event.actor_id) == (
        {"binding_days": None, "binding_audience": "unbound"},
        {"binding_days": 90, "binding_audience": "new"}, "qian",
    )  # fmt: skip


@pytest.mark.django_db
def test_an_unchanged_policy_records_no_event(qian: User) -> None:
    change_policy(
        by=qian, at=NOON, binding_days=None, binding_audience=Policy.BindingAudience.UNBOUND
    )

    assert not Event.objects.filter(name="distribution.policy_changed").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("binding_days", 0), ("binding_days", -1), ("binding_days", 36_501),
        ("binding_days", 10**12), ("poach_after_days", 0), ("poach_after_days", 36_501),
        ("fast_track_buyers", 0), ("fast_track_spend", 0), ("fast_track_spend", -5),
    ],
)  # fmt: skip
@pytest.mark.django_db
def test_an_invalid_value_is_refused(qian: User, field: str, value: int) -> None:
    before = rows()

    with pytest.raises(InvalidPolicy):
        change_policy(by=qian, at=NOON, **{field: value})

    assert rows() == before


def test_existing_bindings_keep_their_terms(
    mei: Member, lan: Member, bo: Member, qian: User
) -> None:
    distributor(mei)
    make_referral(mei, lan)

    change_policy(by=qian, at=NOON + DAY, binding_days=10)
    make_referral(mei, bo, at=NOON + DAY)

    assert list(Binding.objects.order_by("pk").values_list("expires_at", flat=True)) == [
        None, NOON + 11 * DAY,
    ]  # fmt: skip
