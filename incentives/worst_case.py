"""The most that an order can give: commissions and the awards of everything published, together.

What is won by rank is left out: a prize does not grow with an order. So are approved proofs, which
give no money. The engine caps each award by the orders that it counted; this check refuses terms
that would need the cap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from catalog.models import Sku
from commissions import rules
from commissions.models import Plan, Rule
from commissions.plan_cache import plan_terms, terms_of
from commissions.rules.terms import ONE_HUNDRED_PERCENT
from commissions.sample_goods import Sample, SampleGoods
from common.money import floor
from incentives.metrics.facts import counts_goods
from incentives.models import Metric, Policy, Reward, Version
from ledger.chart import Asset
from promotions.models import Coupon
from promotions.rules import most_off
from promotions.services import terms_of as coupon_terms

Kind, Reach = Reward.Kind, Version.Reach
Terms = tuple[Version, Sequence[Reward]]
PlanTerms = tuple[rules.Plan, datetime]
"""The terms of a plan, and the moment from which it is looked at."""
ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class WorstCase:
    """Shares of what an order pays, in basis points, for the goods on which they are highest.

    ``awards``: by the name of each incentive; ``product``: how people call the goods.
    """

    product: str
    commissions: int
    awards: tuple[tuple[str, int], ...]
    total: int
    limit: int

    @property
    def is_above_limit(self) -> bool:
        return self.total > self.limit


@dataclass(frozen=True, slots=True)
class _Inputs:
    """Everything that is read once. ``free``: the price of free products by key of the coupon."""

    terms: Sequence[Terms]
    plans: Sequence[PlanTerms]
    free: Mapping[int, int]
    limit: int


def worst_case(version: Version, rewards: Sequence[Reward], *, at: datetime) -> WorstCase:
    """Return the worst case if these terms were published now; they need not be saved."""
    terms = [(version, rewards), *_published_beside(version, at=at)]
    plans = [*Plan.objects.in_force(at)[:1], *Plan.objects.scheduled(at)]
    known = [(plan_terms(plan), max(at, plan.starts_at or at)) for plan in plans]
    return _worst(terms, known, Rule.objects.filter(plan__in=plans).order_by("pk"))


def worst_case_of_plan(plan: Plan, rows: Sequence[Rule], *, at: datetime) -> WorstCase | None:
    """Return the worst case if a plan with these rules were in force from ``at`` on.

    :returns: None: nothing that is published grows with an order
    """
    terms = _running_from(at)
    if not terms:
        return None
    return _worst(terms, [(terms_of(plan, list(enumerate(rows))), at)], rows)


def _worst(terms: Sequence[Terms], plans: Sequence[PlanTerms], rows: Iterable[Rule]) -> WorstCase:
    inputs = _Inputs(terms, plans, _free_goods(terms), Policy.current().most_of_an_order)
    cases = (case for sample in _samples(terms, rows) for case in _cases(sample, inputs))
    return max(cases, key=lambda case: case.total)


def _published_beside(version: Version, *, at: datetime) -> list[Terms]:
    """Return the other incentives that run, or will run, while this one does."""
    found = _running_from(version.starts_at or at, until=version.ends_at)
    return [terms for terms in found if terms[0].incentive_id != version.incentive_id]


def _running_from(start: datetime, *, until: datetime | None = None) -> list[Terms]:
    """Return the incentives that run at this moment, or start after it."""
    now_or_later = Q(pk__in=Version.objects.running(start).values("pk")) | Q(starts_at__gt=start)
    rows = Version.objects.published().filter(now_or_later, incentive__stopped_at=None)
    if until:
        rows = rows.filter(starts_at__lt=until)
    with_rewards = rows.prefetch_related("rewards__coupon", "rewards__gift").order_by("pk")
    return [(row, list(row.rewards.all())) for row in with_rewards]


def _samples(terms: Iterable[Terms], rows: Iterable[Rule]) -> list[Sample]:
    """Return the goods that any rule or filter names, and the cheapest of the whole store."""
    targets = [Rule(layer="store")]
    for version, _rewards in terms:
        targets += [Rule(layer="product", product_id=key) for key in version.products]
        targets += [Rule(layer="category", category_id=key) for key in version.categories]
    targets += rows
    goods = SampleGoods.read(targets)
    distinct = {sample.goods: sample for row in targets for sample in goods.of(row)}
    return list(distinct.values())


def _channels(terms: Iterable[Terms]) -> list[str]:
    """Return the channels that any filter names, and none: an order comes by one at most."""
    return ["", *sorted({name for version, _rewards in terms for name in version.channels})]


def _free_goods(terms: Iterable[Terms]) -> dict[int, int]:
    """Return the price of the product that each coupon gives for free, by key of the coupon."""
    coupons = [row.coupon for _version, rewards in terms for row in rewards if row.coupon]
    free = [coupon for coupon in coupons if coupon.kind == Coupon.Kind.PRODUCT]
    products = {key for coupon in free for key in coupon.targets}
    prices = dict(
        Sku.objects.filter(product__in=products)
        .order_by()
        .values("product")
        .annotate(most=Max("price"))
        .values_list("product", "most")
    )
    return {
        coupon.pk: max((prices.get(key, 0) for key in coupon.targets), default=0) for coupon in free
    }


def _cases(sample: Sample, inputs: _Inputs) -> Iterator[WorstCase]:
    """Yield the case of each channel that an order of these goods may come by."""
    commissions = commission_share(sample.goods, inputs.plans)
    for channel in _channels(inputs.terms):
        yield _case(sample, channel, commissions, inputs)


def _case(
    sample: Sample, channel: str, commissions: tuple[Fraction, Fraction], inputs: _Inputs
) -> WorstCase:
    paid, cap = commissions
    by_incentive: dict[int | None, tuple[str, Fraction]] = {}
    for version, rewards in inputs.terms:
        # A boost that other orders have reached raises the commissions of this one, too.
        share = boost_share(rewards, commissions=paid, cap=cap)
        if counts(version, sample.goods, channel):
            share += award_share(version, rewards, price=sample.goods.paid, free=inputs.free)
        # Of the versions of one incentive only one counts an order.
        if share > by_incentive.get(version.incentive_id, ("", ZERO))[1]:
            by_incentive[version.incentive_id] = (version.name, share)
    total = paid + sum((share for _name, share in by_incentive.values()), start=ZERO)
    return WorstCase(
        product=sample.name or _("goods of any kind"),
        commissions=floor(paid),
        awards=tuple((name, floor(share)) for name, share in by_incentive.values()),
        total=-floor(-total),  # rounded up: a hundredth above the limit is above it
        limit=inputs.limit,
    )


def commission_share(goods: rules.Goods, plans: Iterable[PlanTerms]) -> tuple[Fraction, Fraction]:
    """Return the highest share of commissions, and the highest cap, in basis points."""
    shares, caps = [ZERO], [ZERO]
    for terms, moment in plans:
        shares.append(min(rules.worst_case(terms, goods, at=moment).share, Fraction(terms.cap)))
        caps.append(Fraction(terms.cap))
    return max(shares), max(caps)


def counts(version: Version, goods: rules.Goods, channel: str = "") -> bool:
    """Return whether an order of these goods can count.

    :param channel: of the share by which it came; empty: it came by none
    """
    if version.channels and channel not in version.channels:
        return False
    return counts_goods(version, goods.product, goods.categories)


def award_share(
    version: Version, rewards: Iterable[Reward], *, price: int, free: Mapping[int, int]
) -> Fraction:
    """Return how much of what they paid the orders that reach an award give, in basis points.

    :param price: of one unit in fen; an order below the version's amount does not count
    :param free: the price of what coupons give for free, by key of the coupon
    """
    if version.reach == Reach.RANK or version.metric == Metric.PROOF:
        return ZERO
    groups: dict[tuple[str, str], list[Reward]] = {}
    for reward in rewards:
        groups.setdefault((reward.side, reward.kind), []).append(reward)
    shares = (_group_share(version, rows, price, free) for rows in groups.values())
    return sum(shares, start=ZERO)


def _group_share(
    version: Version, rows: Sequence[Reward], price: int, free: Mapping[int, int]
) -> Fraction:
    highest, given = ZERO, ZERO
    for row in sorted(rows, key=lambda row: row.threshold or 0):
        needed = _needed(version, row, price)
        worth = _worth(row, needed, free)
        given = given + worth if version.sums_steps and version.reach == Reach.STEPS else worth
        highest = max(highest, given * ONE_HUNDRED_PERCENT / needed)
    return highest


def _needed(version: Version, reward: Reward, price: int) -> int:
    """Return the fen that must be paid at least to reach a reward."""
    order = max(price, version.min_amount, 1)
    count = 1 if version.reach == Reach.EACH else reward.threshold or 1
    if version.metric == Metric.OWN_UNITS:
        needed = max(count * price, 1)  # one order may hold all units
    elif version.counts_money:
        needed = order if version.reach == Reach.EACH else count
    else:
        needed = count * order
    return max(needed, order) if version.reach == Reach.STEPS else needed


def _worth(reward: Reward, base: int, free: Mapping[int, int]) -> Fraction:
    """Return what a reward costs at most in fen, if ``base`` was counted. Points are left out."""
    if reward.kind in Reward.MONEY and reward.asset == Asset.POINTS:
        return ZERO
    if reward.kind == Kind.AMOUNT:
        return Fraction(reward.amount or 0)
    if reward.kind == Kind.PERCENT:
        return _limited(base * Fraction(reward.rate or 0, ONE_HUNDRED_PERCENT), reward.most)
    if reward.kind == Kind.COUPON and reward.coupon:
        return _coupon_worth(reward.coupon, base, free)
    if reward.kind == Kind.GIFT and reward.gift:
        # Its cost, as commissions are a cost. What people read of its worth is the price.
        return Fraction(reward.gift.price if reward.gift.cost is None else reward.gift.cost)
    return ZERO


def _coupon_worth(coupon: Coupon, base: int, free: Mapping[int, int]) -> Fraction:
    if coupon.kind == Coupon.Kind.PERCENT:
        return _limited(base * Fraction(coupon.rate or 0, ONE_HUNDRED_PERCENT), coupon.most)
    return Fraction(most_off(coupon_terms(coupon), unit_price=free.get(coupon.pk, 0)) or 0)


def _limited(exact: Fraction, most: int | None) -> Fraction:
    return exact if most is None else min(exact, Fraction(most))


def boost_share(rewards: Iterable[Reward], *, commissions: Fraction, cap: Fraction) -> Fraction:
    """Return by how much a boost raises the share of commissions; their cap holds for it too."""
    rates = [row.rate or 0 for row in rewards if row.kind == Kind.BOOST]
    boosted = commissions * max(rates, default=ONE_HUNDRED_PERCENT) / ONE_HUNDRED_PERCENT
    return min(boosted, max(cap, commissions)) - commissions
