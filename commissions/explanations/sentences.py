"""Explain a tier's commission in sentences of the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter

from django.utils.translation import gettext as _

from commissions import rules
from commissions.explanations.amounts import amount, exact
from commissions.models import Commission, CommissionChange, CommissionHold, Plan, Rule
from common.clock import format_moment
from common.money import percent
from distribution.models import Distributor
from orders.models import Attribution, OrderLine, OrderShare, Refund
from sharing.models import Share


def tier_holder(attribution: Attribution, tier: int) -> list[str]:
    """Explain who holds a tier and why, and that an inactive distributor earns nothing."""
    distributor = getattr(attribution, f"tier{tier}")
    if distributor is None:
        return [_no_holder(attribution, tier)]
    template = {
        Attribution.Reason.UPLINE: _(
            "%(who)s is tier 1: the buyer's upline when the order was placed."
        ),
        Attribution.Reason.SELF: _(
            "%(who)s is tier 1: the buyer, whom the shop pays for their own orders."
        ),
        Attribution.Reason.UPLINE_OF_TIER_1: _(
            "%(who)s is tier 2: the upline of tier 1 when the order was placed."
        ),
    }[getattr(attribution, f"tier{tier}_reason")]
    sentences = [template % {"who": distributor}]
    status = getattr(attribution, f"tier{tier}_status")
    if status != Distributor.Status.ACTIVE:
        label = Distributor.Status(status).label
        sentences.append(
            _("Their status then was “%(status)s”: the tier is not paid, and nobody moves up.")
            % {"status": label}
        )
    return sentences


def _no_holder(attribution: Attribution, tier: int) -> str:
    if tier == 1:
        return _("Nobody is tier 1: the buyer had no upline when the order was placed.")
    if attribution.tier1 is None:
        return _("Nobody is tier 2, because there is no tier 1.")
    return _("Nobody is tier 2: tier 1 had no upline when the order was placed.")


def origin(came_by: OrderShare) -> str:
    """Explain by which share the order came, and when the buyer opened it."""
    share, visit = came_by.share, came_by.visit
    data = {
        "code": share.code,
        "how": ", ".join(_carrier(share)),
        "at": format_moment(visit.at) if visit else "",
    }
    if came_by.reason == OrderShare.Reason.BOUND:
        return _("The visit of share %(code)s (%(how)s) on %(at)s bound the buyer.") % data
    if visit:
        return _("The order names share %(code)s (%(how)s), visited by the buyer on %(at)s.") % data
    return _("The order names share %(code)s (%(how)s).") % data


def _carrier(share: Share) -> list[str]:
    """Return the channel of a share, with its label and the template of its poster."""
    parts = [str(Share.Channel(share.channel).label)]
    if share.label:
        parts.append(f"“{share.label}”")
    if share.template:
        parts.append(_("template %(template)s") % {"template": share.template})
    return parts


def no_plan() -> str:
    return _("No commission plan was in force when the order was placed: nobody is paid.")


def rule_outcome(
    award: rules.Award, basis: rules.Basis, plan: Plan, rows: Mapping[int, Rule]
) -> list[str]:
    """Explain which rules decide for the whole line, their result, and any reduction of it."""
    if award.reason in ("no_upline", "not_active"):
        return []
    if award.reason == "no_rule":
        return [_("No rule of plan %(plan)s matches the product and distributor.") % {"plan": plan}]
    data = {
        "plan": plan,
        "rules": "; ".join(_rule(offer, rows[offer.rule]) for offer in award.offers),
        "gives": exact(award.exact, award.asset),
        "amount": amount(award.amount, award.asset),
        "cap": percent(basis.cap),
        "paid": amount(basis.paid, ""),
    }
    if len(award.offers) > 1:
        sentences = [_("The rules %(rules)s of plan %(plan)s together give %(gives)s.") % data]
    elif basis.combine == Plan.Combine.BEST:
        sentences = [
            _("Of the layers of plan %(plan)s, the rule %(rules)s pays most: %(gives)s.") % data
        ]
    else:
        sentences = [_("The rule %(rules)s of plan %(plan)s gives %(gives)s.") % data]
    reason = _outcome(award)
    return [*sentences, reason % data] if reason else sentences


def own_boost(award: rules.Award, boost: int | None) -> list[str]:
    """Explain the boost that a distributor had of their own, if it multiplied anything."""
    if boost is None or not award.exact:
        return []
    text = _(
        "Their own boost of %(boost)s was in force when the order was placed. Of several boosts the"
        " highest one counts."
    )
    return [text % {"boost": percent(boost)}]


def _outcome(award: rules.Award) -> str:
    if award.reason == "paid":
        whole = award.exact.denominator == 1
        return "" if whole else _("Rounded down to %(amount)s.")
    return {
        "blank": _(
            "Its value for this tier is blank or 0: nothing is paid, and no other rule applies."
        ),
        "no_profit": _("The cost is not below the amount paid: there is no profit to share."),
        "cost_unknown": _(
            "The cost of the product is unknown, so its profit is too: nothing is paid."
        ),
        "nothing_left": _("The amount paid for the line is 0, so it earns nothing."),
        "capped": _(
            "Capped: both tiers together get at most %(cap)s of the %(paid)s paid, which leaves"
            " %(amount)s for this tier."
        ),
        "below_one": _("This is below the smallest unit: nothing is paid."),
    }[award.reason]


def _rule(offer: rules.Offer, row: Rule) -> str:
    """Format a rule: ``#3 (category 美妆, level Gold, 10 % of the amount paid)``."""
    parts = [_target(row)]
    if row.level:
        parts.append(_("level %(level)s") % {"level": row.level})
    if row.segment:
        parts.append(_("segment %(segment)s") % {"segment": row.segment})
    parts.append(_value(offer))
    if offer.boost != rules.ONE_HUNDRED_PERCENT:
        parts.append(_("boosted to %(boost)s") % {"boost": percent(offer.boost)})
    return f"#{row.pk} ({', '.join(parts)})"


def _target(row: Rule) -> str:
    if row.product:
        return _("product %(name)s") % {"name": row.product}
    if row.category:
        return _("category %(name)s") % {"name": row.category}
    return _("whole store")


def _value(offer: rules.Offer) -> str:
    data = {"rate": percent(offer.value), "amount": amount(offer.value, offer.asset)}
    if offer.kind == Rule.Kind.PER_UNIT:
        return _("%(amount)s per unit") % data
    if offer.kind == Rule.Kind.PER_ORDER:
        return _("%(amount)s as this line's share of a fixed amount per order") % data
    if offer.asset == rules.POINTS:
        if offer.base == Rule.Base.PROFIT:
            return _("one point per yuan of %(rate)s of the profit") % data
        return _("one point per yuan of %(rate)s of the amount paid") % data
    if offer.base == Rule.Base.PROFIT:
        return _("%(rate)s of the profit") % data
    return _("%(rate)s of the amount paid") % data


def refund_effects(commission: Commission, line: OrderLine) -> list[str]:
    """Explain what refunds changed of a commission, before it was credited and after."""
    changes = sorted(commission.changes.all(), key=attrgetter("number"))
    voided = commission.original - commission.current + sum(change.delta for change in changes)
    sentences = []
    if voided:
        sentences.append(
            _("Reduced by %(amount)s by refunds before it was credited (%(refunds)s).")
            % {
                "refunds": ", ".join(_refunds_before_credit(commission, line)),
                "amount": amount(voided, commission.asset),
            }
        )
    return [*sentences, *(_change(change, commission.asset) for change in changes)]


def _change(change: CommissionChange, asset: str) -> str:
    data = {
        "refund": change.refund,
        "amount": amount(abs(change.delta), asset),
        "at": format_moment(change.settlement.at if change.settlement else change.at),
    }
    if change.delta < 0:
        return (
            _("Refund %(refund)s clawed back %(amount)s on %(at)s, after it was credited.") % data
        )
    if change.is_waiting:
        return _("It grew by %(amount)s with refund %(refund)s, which is to be credited.") % data
    return _("It grew by %(amount)s with refund %(refund)s, which was credited on %(at)s.") % data


def _refunds_before_credit(commission: Commission, line: OrderLine) -> list[str]:
    """Return the numbers of the refunds that were done before the commission was credited."""
    later = {change.refund_id for change in commission.changes.all()}
    settlement = commission.settlement
    refunds = [
        refund
        for refund in line.refunds.all()
        if refund.done_at
        and refund.kind != Refund.Kind.EXCHANGE
        and refund.pk not in later
        and (settlement is None or refund.done_at <= settlement.at)
    ]
    return [refund.number for refund in sorted(refunds, key=attrgetter("done_at", "pk"))]


def open_refunds(commission: Commission, line: OrderLine, left: int) -> list[str]:
    """Explain what refunds without an outcome would change.

    :param left: what would be left of the commission if all of them were paid back
    """
    rows = [row for row in line.refunds.all() if row.status in Refund.OPEN]
    refunds = [row for row in rows if row.kind != Refund.Kind.EXCHANGE]
    numbers = ", ".join(row.number for row in sorted(rows, key=attrgetter("requested_at", "pk")))
    if not rows or not commission.current:
        return []
    lost = max(0, commission.current - left)
    data = {
        "refunds": numbers,
        "left": amount(commission.current - lost, commission.asset),
        "lost": amount(lost, commission.asset),
    }
    if not refunds:
        return [_("Exchange %(refunds)s is open: it changes no amount.") % data]
    if commission.status == Commission.Status.CREDITED:
        return [
            _("After-sale %(refunds)s is open: if it is paid back, %(lost)s is clawed back.") % data
        ]
    return [_("After-sale %(refunds)s is open: if it is paid back, %(left)s is left.") % data]


def current_status(commission: Commission) -> list[str]:
    """Explain a commission's status and its holds."""
    if not commission.current:
        return [_("Nothing is left of it.")]
    current = amount(commission.current, commission.asset)
    holds = _hold_reasons(commission.holds.all())
    if commission.status == Commission.Status.PENDING or commission.release_at is None:
        return [
            _("%(amount)s is pending until the order is received.") % {"amount": current},
            *holds,
        ]
    until = format_moment(commission.release_at)
    if commission.settlement:
        at = format_moment(commission.settlement.at)
        return [_("It was credited on %(at)s.") % {"at": at}, *holds]
    protected = _("%(amount)s is protected until %(until)s.") % {"amount": current, "until": until}
    return [protected, *holds]


def _hold_reasons(rows: Iterable[CommissionHold]) -> list[str]:
    templates = {
        CommissionHold.Reason.AFTER_SALE: _("Held since %(since)s: an after-sale is open."),
        CommissionHold.Reason.CLOSED: _(
            "Held since %(since)s: the order was closed after its payment, and a person is asked."
        ),
        CommissionHold.Reason.CONFLICT: _(
            "Held since %(since)s: a report contradicts what is known of the order, and a person is"
            " asked."
        ),
        CommissionHold.Reason.FROZEN: _("Held since %(since)s: the distributor is frozen."),
        CommissionHold.Reason.RISK: _("Held since %(since)s: under risk review. %(detail)s"),
        CommissionHold.Reason.FAULT: _(
            "Held since %(since)s: it could not be credited. %(detail)s"
        ),
    }
    return [
        (
            templates[CommissionHold.Reason(row.reason)]
            % {"since": format_moment(row.since), "detail": row.detail}
        ).strip()
        for row in sorted(rows, key=attrgetter("pk"))
    ]


def unpaid_order(award: rules.Award) -> str:
    return _("The order is not paid yet: its payment will earn %(amount)s.") % {
        "amount": amount(award.amount, award.asset)
    }


def stored_mismatch(stored: int, computed: int, asset: str) -> str:
    return _("Mismatch: %(stored)s is stored, but %(computed)s is computed.") % {
        "stored": amount(stored, asset),
        "computed": amount(computed, asset),
    }
