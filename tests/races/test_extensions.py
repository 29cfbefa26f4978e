"""An extension and an order that renews the same binding: the later expiry stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from distribution.models import Binding
from distribution.services import Purchase, expire_bindings, extend, record_purchases
from distribution.services.extension import BindingOver, ExpiryNotLater
from members.models import User
from tests.cast import NOON, member, staff
from tests.concurrency import run_during_transaction
from tests.distribution.people import set_policy
from tests.shop import DAY, distributor, make_referral

ORDERED = NOON + 60 * DAY
RENEWED, EXTENDED = NOON + 150 * DAY, NOON + 120 * DAY


@pytest.fixture
def bound(committed: str) -> Binding:
    """A binding of 90 days that each order renews."""
    set_policy(binding_days=90, renewed_by_orders=True)
    mei, bo = member("Mei"), member("Bo")
    distributor(mei)
    make_referral(mei, bo)
    return Binding.objects.get(member=bo)


@pytest.fixture
def qian(committed: str) -> User:
    return staff("Qian")


def renew(bound: Binding) -> Callable[[], Any]:
    return lambda: record_purchases([Purchase(bound.member_id, ordered_at=ORDERED)])


def extend_by(qian: User, bound: Binding) -> Callable[[], Any]:
    return lambda: extend(
        binding=bound, until=EXTENDED, reason="They asked for it", by=qian, at=NOON + 61 * DAY
    )


def expiry(bound: Binding) -> Any:
    return Binding.objects.values_list("expires_at", flat=True).get(pk=bound.pk)


def test_an_extension_waits_for_a_renewal_and_takes_nothing_back(
    bound: Binding, qian: User
) -> None:
    results = run_during_transaction(renew(bound), extend_by(qian, bound))

    assert isinstance(results[1], ExpiryNotLater)
    assert expiry(bound) == RENEWED
    assert not bound.extensions.exists()


def test_a_renewal_goes_beyond_an_extension(bound: Binding, qian: User) -> None:
    results = run_during_transaction(extend_by(qian, bound), renew(bound))

    assert results[1] is None
    assert expiry(bound) == RENEWED
    assert bound.extensions.get().expires_at == EXTENDED


def save_old_copy(bound: Binding) -> Callable[[], Any]:
    """Write what seemed to be later when the row was read, without a lock."""
    return lambda: Binding.objects.filter(pk=bound.pk).update(expires_at=EXTENDED)


@pytest.mark.parametrize("guarded", [True, False])
def test_control_without_lock_and_guard_the_renewal_is_lost(bound: Binding, guarded: bool) -> None:
    if not guarded:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE distribution_binding DISABLE TRIGGER expiry_only_later")

    results = run_during_transaction(renew(bound), save_old_copy(bound))

    assert expiry(bound) == (RENEWED if guarded else EXTENDED)
    assert isinstance(results[1], Exception) is guarded


def test_an_extension_comes_before_the_end_or_not_at_all(bound: Binding, qian: User) -> None:
    ended, refused = run_during_transaction(
        lambda: expire_bindings(at=NOON + 91 * DAY),
        lambda: extend(
            binding=bound, until=NOON + 99 * DAY, reason="Late", by=qian, at=NOON + 89 * DAY
        ),
    )

    assert ended == 1
    assert isinstance(refused, BindingOver)
    assert not bound.extensions.exists()
