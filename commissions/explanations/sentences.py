"""Why a tier gets what it gets, in plain sentences of the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from commissions import rules
from commissions.explanations.amounts import amount, exact, moment, percent
from commissions.models import Commission, CommissionHold, Plan, Rule
from distribution.models import Distributor
from orders.models import Attribution, OrderLine


def who(attribution: Attribution, tier: int) -> list[str]:
    """Who stands in a tier, and why; that they earn nothing if they were not active."""
    distributor = getattr(attribution, f"tier{tier}")
    if distributor is None:
        return [_nobody(attribution, tier)]
    said = {
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
    sentences = [said % {"who": distributor}]
    status = getattr(attribution, f"tier{tier}_status")
    if status != Distributor.Status.ACTIVE:
        label = Distributor.Status(status).label
        sentences.append(
            _("They were not active then but “%(status)s”: nobody is paid, and nobody moves up.")
            % {"status": label}
        )
    return sentences


def _nobody(attribution: Attribution, tier: int) -> str:
    if tier == 1:
        return _("Nobody is tier 1: the buyer had no upline when the order was placed.")
    if attribution.tier1 is None:
        return _("Nobody is tier 2, because nobody is tier 1.")
    return _("Nobody is tier 2: tier 1 had no upline when the order was placed.")


def no_plan() -> str:
    return _("No commission plan was in force when the order was placed: nobody is paid.")


def rule_outcome(
    award: rules.Award, basis: rules.Basis, plan: Plan, rows: Mapping[int, Rule]
) -> list[str]:
    """Which rules decide for the whole line, what they give, and what became of that."""
    if award.reason in ("no_upline", "not_active"):
        return []
    if award.reason == "no_rule":
        return [_("No rule of plan %(plan)s is for these goods and this person.") % {"plan": plan}]
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


def _outcome(award: rules.Award) -> str:
    if award.reason == "paid":
        whole = award.exact.denominator == 1
        return "" if whole else _("The fraction is dropped: %(amount)s.")
    return {
        "blank": _("It leaves this tier blank or at 0: nothing is paid, and no other rule asked."),
        "no_profit": _("The cost is not below what was paid: there is no profit to share."),
        "cost_unknown": _("The cost of the goods is not known: nothing is paid on a guess."),
        "nothing_left": _("Nothing was paid for these goods, so they earn nothing."),
        "capped": _(
            "Capped: of %(cap)s of the %(paid)s paid, for both tiers together, %(amount)s is left"
            " for this one."
        ),
        "below_one": _("That is less than the smallest unit: nothing is paid."),
    }[award.reason]


def _rule(offer: rules.Offer, row: Rule) -> str:
    """``#3 (category 美妆, level Gold, 10 % of what was paid)``."""
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
        return _("%(amount)s for each unit") % data
    if offer.kind == Rule.Kind.PER_ORDER:
        return _("%(amount)s as this line's share of an amount for the order") % data
    if offer.asset == rules.POINTS:
        if offer.base == Rule.Base.PROFIT:
            return _("a point for each whole yuan of %(rate)s of the profit") % data
        return _("a point for each whole yuan of %(rate)s of what was paid") % data
    if offer.base == Rule.Base.PROFIT:
        return _("%(rate)s of the profit") % data
    return _("%(rate)s of what was paid") % data


def refund_effects(commission: Commission, line: OrderLine) -> list[str]:
    """What refunds have taken of a commission: before it was credited, and after."""
    clawbacks = list(commission.clawbacks.all())
    later = {clawback.refund_id for clawback in clawbacks}
    voided = commission.original - commission.current - sum(one.amount for one in clawbacks)
    done = sorted(
        (
            one
            for one in line.refunds.all()
            if one.done_at
            and one.pk not in later
            and (commission.settlement is None or one.done_at <= commission.settlement.at)
        ),
        key=lambda one: (one.done_at, one.pk),
    )
    sentences = []
    if voided:
        sentences.append(
            _("Refunded before it was credited (%(refunds)s): less %(amount)s.")
            % {
                "refunds": ", ".join(one.number for one in done),
                "amount": amount(voided, commission.asset),
            }
        )
    sentences += [
        _("Refund %(refund)s took %(amount)s back on %(at)s, after it had been credited.")
        % {
            "refund": clawback.refund,
            "amount": amount(clawback.amount, commission.asset),
            "at": moment(clawback.at),
        }
        for clawback in sorted(clawbacks, key=lambda one: one.pk)
    ]
    return sentences


def current_status(commission: Commission) -> list[str]:
    """Where a commission is on its way into the wallet."""
    if not commission.current:
        return [_("Nothing of it is left.")]
    left = amount(commission.current, commission.asset)
    holds = _hold_reasons(commission.holds.all())
    if commission.status == Commission.Status.PENDING or commission.release_at is None:
        return [_("%(amount)s waits until the order is received.") % {"amount": left}, *holds]
    until = moment(commission.release_at)
    if commission.settlement:
        at = moment(commission.settlement.at)
        return [_("It was credited on %(at)s.") % {"at": at}]
    said = _("%(amount)s is protected until %(until)s.") % {"amount": left, "until": until}
    return [said, *holds]


def _hold_reasons(rows: Iterable[CommissionHold]) -> list[str]:
    said = {
        CommissionHold.Reason.AFTER_SALE: _("Held since %(since)s: an after-sale is open."),
        CommissionHold.Reason.FROZEN: _("Held since %(since)s: the distributor is frozen."),
        CommissionHold.Reason.RISK: _(
            "Held since %(since)s: it is looked into for risk. %(detail)s"
        ),
        CommissionHold.Reason.FAULT: _(
            "Held since %(since)s: it could not be credited. %(detail)s"
        ),
    }
    return [
        (
            said[CommissionHold.Reason(row.reason)]
            % {"since": moment(row.since), "detail": row.detail}
        ).strip()
        for row in sorted(rows, key=lambda row: row.pk)
    ]


def unpaid_order(award: rules.Award) -> list[str]:
    if not award.amount:
        return []
    return [
        _("The order is not paid yet: once it is, this comes to %(amount)s.")
        % {"amount": amount(award.amount, award.asset)}
    ]


def stored_mismatch(stored: int, computed: int, asset: str) -> str:
    return _("Attention: %(stored)s is stored, but computed again it is %(computed)s.") % {
        "stored": amount(stored, asset),
        "computed": amount(computed, asset),
    }
