"""Explain an award: what is counted, what was taken off it, and why it is as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.clock import format_moment
from common.money import yuan_text
from incentives.models import Award, Contribution, Reward, TeamPool, Version, cancelled_gift
from incentives.models.incentive import Metric
from incentives.periods import Span, closes_as_a_whole, closes_at, span_starting
from incentives.pool_words import share_sentences
from incentives.resemblances import resemblance_sentences
from incentives.rewards import WHOLE_PERIOD, basis_of, has_another
from incentives.services.holds import closed_accounts, place_of
from incentives.services.totals import Sums, sums_at, total
from ledger.chart import Asset
from orders.models import Refund

MOST_ORDERS = 20
"""Listed one by one, the first ones; the others are summed up."""
MOST_REFUNDS = 20
"""The latest ones; the page of each order has all of its refunds."""


@dataclass(frozen=True, slots=True)
class Counting:
    """What an award counts: the orders and proofs that are listed, and the sums of all."""

    listed: list[Contribution]
    sums: Sums
    number: int


def explain(award: Award) -> list[str]:
    """Return sentences in the reader's language, for the member and for staff alike.

    However many orders a period has: the first are listed, and the sums are stored.
    """
    version, span = award.version, span_starting(award.version, award.period_start)
    counting = _counting(award, version)
    return [
        _heading(award, version, span),
        *_orders(version, counting),
        *_refunds(award, version, span),
        *_limit(award, version, counting.sums),
        *_share(award, version, counting.sums),
        *_moves(award),
        *_resemblances(award),
        _state(award),
    ]


def value_text(version: Version, value: int) -> str:
    """Format what a version counts: yuan, or a number of pieces."""
    return yuan_text(value) if version.counts_money else str(value)


def amount_text(award: Award, amount: int) -> str:
    """Format what an award gives: an amount of its asset, or its kind."""
    kind = Reward.Kind(award.kind)
    if not award.asset:
        return str(kind.label)
    if award.asset == Asset.POINTS:
        return ngettext("%(count)s point", "%(count)s points", amount) % {"count": amount}
    return f"{Asset(award.asset).label} {yuan_text(amount)}"


def contributions_of(award: Award) -> QuerySet[Contribution]:
    """Return what is behind an award, the earliest first: one, or all of its period."""
    rows = Contribution.objects.filter(
        incentive=award.incentive_id, period_start=award.period_start
    )
    kind, _separator, key = basis_of(award.step).partition(":")
    if kind == WHOLE_PERIOD:
        rows = rows.filter(member=award.member_id)
    else:
        column = {"order": "order", "friend": "subject", "proof": "proof"}[kind]
        rows = rows.filter(**{column: int(key)})
    return rows.order_by("happened_at", "pk")


def _counting(award: Award, version: Version) -> Counting:
    rows = contributions_of(award)
    listed = rows.filter(counted=True, value__gt=0).select_related("order")[:MOST_ORDERS]
    if basis_of(award.step) == WHOLE_PERIOD:
        sums = sums_at([place_of(award)]).get(place_of(award), Sums())
    else:
        sums = total(rows)
    number = sums.value if version.metric == Metric.PROOF else sums.orders
    return Counting(list(listed), sums, number)


def _heading(award: Award, version: Version, span: Span) -> str:
    values = {"name": version.name, "number": version.number, "day": span.start.isoformat()}
    if not closes_as_a_whole(version) or span.end is None:
        text = _("%(name)s, version %(number)s, from %(day)s.")
    else:
        values["before"] = span.end.isoformat()
        text = _("%(name)s, version %(number)s: paid from %(day)s and before %(before)s.")
    place = ""
    if award.rank:
        place = " " + _("Place %(rank)s of the contest.") % {"rank": award.rank}
    return text % values + place


def _orders(version: Version, counting: Counting) -> Iterator[str]:
    for row in counting.listed:
        value = value_text(version, row.value)
        if row.order:
            yield _("Order %(number)s counts %(value)s: completed on %(at)s.") % {
                "number": row.order.number, "value": value,
                "at": format_moment(row.order.completed_at or row.happened_at),
            }  # fmt: skip
        else:
            yield _("An approved proof counts %(value)s.") % {"value": value}
    if more := counting.number - len(counting.listed):
        yield _("%(count)s more orders count.") % {"count": more}
    if coming := counting.sums.coming:
        yield _("%(value)s of paid orders may still come.") % {"value": value_text(version, coming)}
    yield _("Together %(value)s.") % {"value": value_text(version, counting.sums.value)}


def _refunds(award: Award, version: Version, span: Span) -> Iterator[str]:
    """Say which refunds lowered what counts, and which came too late for it; the latest ones."""
    orders = contributions_of(award).order_by().values("order")
    closes = None if version.takes_back_after_close else closes_at(version, span)
    refunds = Refund.objects.counted().filter(line__order__in=orders, done_at__isnull=False)
    latest = refunds.select_related("line__order").order_by("-done_at", "-pk")[:MOST_REFUNDS]
    for refund in reversed(latest):
        order, done_at = refund.line.order, refund.done_at
        if done_at is None:
            continue
        values = {
            "refund": refund.number, "number": order.number, "amount": yuan_text(refund.amount),
            "at": format_moment(done_at), "days": version.close_days,
        }  # fmt: skip
        completed = order.completed_at
        if closes and done_at >= closes and completed and done_at > completed:
            yield _too_late(version) % values
        else:
            yield _("Refund %(refund)s of order %(number)s took %(amount)s off on %(at)s.") % values


def _too_late(version: Version) -> str:
    if closes_as_a_whole(version):
        return _(
            "Refund %(refund)s of order %(number)s over %(amount)s on %(at)s came after the close"
            " and changes nothing."
        )
    return _(
        "Refund %(refund)s of order %(number)s over %(amount)s on %(at)s came more than %(days)s"
        " days after the day of payment and changes nothing."
    )


def _limit(award: Award, version: Version, sums: Sums) -> Iterator[str]:
    """Say why less is due than the reward promises."""
    if not award.asset or award.asset == Asset.POINTS or version.metric == "team_pool":
        return
    reward = award.reward
    full = reward.amount
    if full is None or award.target >= full or not award.target:
        return
    if award.rank:
        text = _(
            "The prize is %(amount)s: it was shared on a tie, lowered after a refund, or limited by"
            " what your own orders leave for awards."
        )
    else:
        text = _(
            "Limited to %(amount)s: an earlier step gave the rest, or the orders leave no more"
            " after commissions (%(commissions)s) and older incentives."
        )
    yield text % {"amount": yuan_text(award.target), "commissions": yuan_text(sums.commissions)}


def _share(award: Award, version: Version, sums: Sums) -> Iterator[str]:
    """Say how the share of a pool follows from the own sales, and why the pool is smaller."""
    if version.metric != Metric.TEAM_POOL:
        return
    pool = TeamPool.objects.filter(
        closing__incentive=award.incentive_id, closing__period_start=award.period_start
    ).first()
    if pool:
        yield from share_sentences(pool, award.asset, own=sums.value, amount=award.target)


def _moves(award: Award) -> Iterator[str]:
    for move in award.postings.order_by("number"):
        values = {"what": amount_text(award, abs(move.change)), "at": format_moment(move.at)}
        if move.change > 0:
            yield _("Given on %(at)s: %(what)s.") % values
        else:
            yield _("Taken back on %(at)s: %(what)s.") % values


def _resemblances(award: Award) -> Iterator[str]:
    """Say why the risk rules hold a friend's order, if the award waits for that."""
    if award.status == Award.Status.HELD and award.hold == Award.Hold.RISK:
        yield from resemblance_sentences(contributions_of(award))


def _state(award: Award) -> str:
    if has_another(award.step) and not award.posted:
        return _("Ended: two accounts became one, and the person has another award for the same.")
    if award.status == Award.Status.GRANTED:
        return _state_of_given(award)
    if award.status == Award.Status.HELD:
        reason = Award.Hold(award.hold).label
        return _("Held: %(reason)s. It goes on by itself when this ends.") % {"reason": reason}
    if award.status == Award.Status.WAITING:
        return _("Waits until a second person confirms the close of the period.")
    if award.status == Award.Status.REFUSED:
        return _("Not given: %(reason)s.") % {"reason": award.get_refusal_display()}
    return _("Taken back: too little counts any more.")


def _state_of_given(award: Award) -> str:
    if task := cancelled_gift(award):
        return _("Cancelled by the shop: %(reason)s") % {"reason": task.note}
    if award.posted > award.target:
        return _("It stays: what was used or sent is not taken back.")
    if award.target > award.posted:
        if closed_accounts({award.member_id}):
            return _("The rest is not given: the budget was used up, or the account is closed.")
        return _("The rest is not given: the budget was used up.")
    return _("Given: %(what)s.") % {"what": amount_text(award, award.posted)}
