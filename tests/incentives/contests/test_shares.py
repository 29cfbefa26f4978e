"""The shares of a team pool: by own sales, to the fen, within each one's limit."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incentives.services.pools import share


def test_a_pool_is_shared_by_own_sales() -> None:
    assert share(1_000, {1: 300, 2: 100}, {}) == {1: 750, 2: 250}


def test_the_largest_remainder_gets_the_odd_fen() -> None:
    assert share(100, {1: 1, 2: 1, 3: 1}, {}) == {1: 34, 2: 33, 3: 33}


def test_what_exceeds_a_limit_goes_to_the_others() -> None:
    assert share(1_000, {1: 300, 2: 100}, {1: 400}) == {1: 400, 2: 600}


def test_all_limits_together_bound_the_pool() -> None:
    assert share(1_000, {1: 300, 2: 100}, {1: 400, 2: 50}) == {1: 400, 2: 50}


def test_nobody_shares_nothing() -> None:
    assert share(1_000, {}, {}) == {}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 10**9),
    st.dictionaries(st.integers(1, 50), st.integers(1, 10**8), min_size=1, max_size=20),
    st.data(),
)
def test_the_shares_add_up(pool: int, own: dict[int, int], data: st.DataObject) -> None:
    limits = {
        member: data.draw(st.integers(0, 10**9))
        for member in own
        if data.draw(st.booleans())
    }  # fmt: skip

    parts = share(pool, own, limits)

    everybody_limited = limits.keys() == own.keys()
    expected = min(pool, sum(limits.values())) if everybody_limited else pool
    assert sum(parts.values()) == expected
    assert all(0 <= part <= limits.get(member, pool) for member, part in parts.items())
