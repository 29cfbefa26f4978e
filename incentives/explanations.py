"""Explain an award: what is counted, what was taken off it, and why it is as it is."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.clock import format_moment
from common.money import yuan_text
from incentives.models import Award, Contribution, Reward, Version
from incentives.periods import Span, closes_as_a_whole, closes_at, span_starting
from incentives.rewards import WHOLE_PERIOD, basis_of, has_another
from incentives.services.holds import place_of
from incentives.services.targets import contributions_at
from ledger.chart import Asset
from orders.models import Refund

MOST_ORDERS = 20
"""Listed one by one; the others are summed up."""


def explain(award: Award) -> list[str]:
    """Return sentences in the reader's language, for the member and for staff alike."""
    version, span = award.version, span_starting(award.version, award.period_start)
    rows = _contributions(award)
    return [
        _heading(award, version, span),
        *_orders(version, rows),
        *_refunds(version, span, rows),
        *_limit(award, version),
        *_moves(award),
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


def _contributions(award: Award) -> list[Contribution]:
    """Return what the award counts, the earliest first."""
    rows = Contribution.objects.filter(
        incentive=award.incentive_id, period_start=award.period_start
    ).select_related("order", "proof")
    kind, _separator, key = basis_of(award.step).partition(":")
    if kind == WHOLE_PERIOD:
        rows = rows.filter(member=award.member_id)
    else:
        column = {"order": "order", "friend": "subject", "proof": "proof"}[kind]
        rows = rows.filter(**{column: int(key)})
    return list(rows.order_by("counted_at", "happened_at", "pk"))


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


def _orders(version: Version, rows: list[Contribution]) -> Iterator[str]:
    counting = [row for row in rows if row.counted and row.value]
    for row in counting[:MOST_ORDERS]:
        value = value_text(version, row.value)
        if row.order:
            yield _("Order %(number)s counts %(value)s: completed on %(at)s.") % {
                "number": row.order.number, "value": value,
                "at": format_moment(row.counted_at or row.happened_at),
            }  # fmt: skip
        else:
            yield _("An approved proof counts %(value)s.") % {"value": value}
    if len(counting) > MOST_ORDERS:
        yield _("%(count)s more orders count.") % {"count": len(counting) - MOST_ORDERS}
    coming = sum(row.value for row in rows if not row.counted)
    if coming:
        yield _("%(value)s of paid orders may still come.") % {"value": value_text(version, coming)}
    total = sum(row.value for row in counting)
    yield _("Together %(value)s.") % {"value": value_text(version, total)}


def _refunds(version: Version, span: Span, rows: list[Contribution]) -> Iterator[str]:
    """Say which refunds lowered what counts, and which came too late for it."""
    orders = [row.order_id for row in rows if row.order_id]
    closes = None if version.takes_back_after_close else closes_at(version, span)
    refunds = Refund.objects.counted().filter(line__order__in=orders)
    for refund in refunds.select_related("line__order").order_by("done_at", "pk"):
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


def _limit(award: Award, version: Version) -> Iterator[str]:
    """Say if the settings lowered the award to what the orders bear."""
    if not award.asset or award.asset == Asset.POINTS or version.metric == "team_pool":
        return
    reward = award.reward
    full = reward.amount
    if full is None or award.target >= full or not award.target:
        return
    commissions = sum(row.commissions for row in contributions_at([place_of(award)]).get(
        place_of(award), ()) if row.counted.counted)  # fmt: skip
    yield _(
        "Limited to %(amount)s: with the commissions of %(commissions)s, not more of what the"
        " orders paid may be given, or a step before it gave the rest."
    ) % {"amount": yuan_text(award.target), "commissions": yuan_text(commissions)}


def _moves(award: Award) -> Iterator[str]:
    for move in award.postings.order_by("number"):
        values = {"what": amount_text(award, abs(move.change)), "at": format_moment(move.at)}
        if move.change > 0:
            yield _("Given on %(at)s: %(what)s.") % values
        else:
            yield _("Taken back on %(at)s: %(what)s.") % values


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
        return _("Not given: the budget, or what it gives, was used up.")
    return _("Taken back: too little counts any more.")


def _state_of_given(award: Award) -> str:
    if award.posted > award.target:
        return _("It stays: what was used or sent is not taken back.")
    if award.target > award.posted:
        return _("The rest is not given: the budget was used up.")
    return _("Given: %(what)s.") % {"what": amount_text(award, award.posted)}
