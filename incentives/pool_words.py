"""Explain a team pool: what it comes to, how much of it is shared out, and why not all of it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from common.money import percent, yuan_text
from incentives.models import TeamPool
from incentives.rewards import at_most
from ledger.columns import amount_text


def pool_sentences(pool: TeamPool, asset: str) -> Iterator[str]:
    """Yield what a pool comes to, and why less of it is shared out if it is less."""
    values = {
        "rate": percent(pool.rate), "sales": yuan_text(pool.sales),
        "pool": amount_text(pool.pool, asset), "paid": amount_text(pool.paid, asset),
    }  # fmt: skip
    yield (
        _("The pool is %(rate)s of the shop's completed distributor sales of %(sales)s: %(pool)s.")
        % values
    )
    if pool.paid == pool.pool:
        return
    if not pool.shared_by:
        yield _("Nobody shares it: nobody with one of the levels has own sales in the month.")
    elif pool.paid == pool.most:
        yield _("The terms limit what is shared out to %(paid)s.") % values
    else:
        text = _(
            "Only %(paid)s are shared out: each share is limited to what the member's own orders"
            " leave after commissions."
        )
        yield text % values


def share_sentences(pool: TeamPool, asset: str, *, own: int, amount: int) -> Iterator[str]:
    """Yield how a member's share of a pool follows from their own sales.

    :param own: their sales in fen; ``amount``: what they get
    """
    yield from pool_sentences(pool, asset)
    yield _("It is shared by own sales: %(own)s of %(all)s.") % {
        "own": yuan_text(own), "all": yuan_text(pool.shared_by),
    }  # fmt: skip
    if pool.shared_by and amount < shared_out(pool) * own // pool.shared_by:
        text = _("Limited to %(amount)s: own orders of the month leave no more after commissions.")
        yield text % {"amount": amount_text(amount, asset)}


def shared_out(pool: TeamPool) -> int:
    """Return what the terms share out of a pool, if the own orders leave enough."""
    return at_most(pool.pool, pool.most)
