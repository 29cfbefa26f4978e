"""The guard of law: terms that are never published, with the article and what to use instead.

The source is 禁止传销条例 (State Council order 444), article 7: (1) pay for the number of people
recruited, (2) a fee or a purchase as the condition of taking part, (3) pay from the sales of
recruits. Where another rule forbids a form, the objection names that rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incentives.checks import NOT_BUILT
from incentives.models import Metric, PeriodKind, Reward, Version
from incentives.unlawful_words import shapes_in
from ledger.chart import Asset

Kind = Reward.Kind


class Objection(NamedTuple):
    """Why terms are unlawful; ``text`` says it whole, with the article and what to use instead."""

    code: str
    article: str
    text: str


class _Law(NamedTuple):
    article: str | Promise
    reason: str | Promise
    instead: str | Promise


_HEADS = _("禁止传销条例, article 7 (1)")
_ENTRY = _("禁止传销条例, article 7 (2)")
_TEAM = _("禁止传销条例, article 7 (3)")
_FUNDS = _("防范和处置非法集资条例, article 2")

LAWS: Mapping[str, _Law] = {
    "headcount": _Law(
        _HEADS,
        _("Nothing may be paid for the number of people that somebody brings."),
        _("Reward the completed first orders of the friends."),
    ),
    "joining": _Law(
        _HEADS,
        _("Nothing may be paid because somebody registers, joins or follows."),
        _("Reward the completed first orders of the friends."),
    ),
    "cash_for_distributors": _Law(
        _HEADS,
        _("New distributors who sold may bring only coupons or store credit."),
        _("Give a coupon or store credit, or reward own sales."),
    ),
    "uncapped_distributors": _Law(
        _HEADS,
        _("What new distributors bring must have a small limit per person, and no contest."),
        _("Give at most 10 awards per person and month or longer, and do not give by rank."),
    ),
    "entry_fee": _Law(
        _ENTRY,
        _("Nobody may have to pay in order to take part."),
        _("Let everybody take part for free, and reward sales."),
    ),
    "required_purchase": _Law(
        _ENTRY,
        _("Nobody may have to buy in order to take part or to earn."),
        _("Reward the orders of friends, without a purchase of one's own."),
    ),
    "cash_for_purchases": _Law(
        _ENTRY,
        _("Own purchases may bring only coupons, points or store credit."),
        _("Give one of these, or reward own sales."),
    ),
    "level_by_purchase": _Law(
        _ENTRY,
        _("A level or a higher commission is not for sale."),
        _("Let levels follow own sales or own completed orders."),
    ),
    "level_by_headcount": _Law(
        _HEADS,
        _("A level goes by own sales or own completed orders, not by people or pictures."),
        _("Count own sales or own orders."),
    ),
    "stockpile": _Law(
        _ENTRY,
        _("Buying stock as the price of a rank is an entry fee (云仓代理)."),
        _("Let distributors sell from the shop's stock, and reward completed orders."),
    ),
    "team_sales": _Law(
        _TEAM,
        _("The sales of a team are shown and never paid."),
        _("Use a pool from the shop's sales, shared by own sales."),
    ),
    "third_tier": _Law(
        _TEAM,
        _("Pay ends after two tiers."),
        _("Reward own sales, or friends who bought."),
    ),
    "push_three": _Law(
        _ENTRY,
        _("A purchase that is paid back for bringing others (推三返一) is an entry fee."),
        _("Give a gift for friends' completed orders, without a purchase of one's own."),
    ),
    "chain": _Law(
        _TEAM,
        _("Chains that move people on to others (链动 2+1, 公排) pay from recruits' sales."),
        _("Use “Invite friends” with completed first orders."),
    ),
    "likes": _Law(
        _("微信外部链接内容管理规范, induced sharing"),
        _("Likes and posts may not be rewarded (集赞)."),
        _("Reward the completed orders that a post brings."),
    ),
    "paid_posts": _Law(
        _("互联网广告管理办法, article 9"),
        _("Posts, notes and videos may not be rewarded: they are advertising that hides its pay."),
        _("Reward the completed orders that a post brings."),
    ),
    "money_for_proofs": _Law(
        _("微信外部链接内容管理规范, induced sharing"),
        _("A picture as proof may bring only a coupon or a gift, and no rank."),
        _("Give a coupon or a gift."),
    ),
    "paid_reviews": _Law(
        _("电子商务法, article 17"),
        _("Praise and made-up orders may not be rewarded."),
        _("Ask for honest reviews without a reward."),
    ),
    "full_rebate": _Law(
        _FUNDS,
        _("Spending that is promised back over time is fund-raising (消费返利)."),
        _("Give a coupon or store credit for a completed order."),
    ),
    "dividends": _Law(
        _FUNDS,
        _("Profit shares and promised returns may not be given out."),
        _("Reward own sales, or use a pool from the shop's sales."),
    ),
}

UNKNOWN_METRICS = (
    ("third_tier", r"(?:tier|level|layer|generation)_?[3-9]|third_(?:tier|level)|multi_?level"),
    ("team_sales", r"(?:team|downline|group)_\w*(?:sales|orders|volume|turnover)|override"),
    ("entry_fee", r"(?:^|_)fees?(?:_|$)|deposit|franchise"),
)
"""What the names of metrics outside the closed list say, the more special forms first.

Any other name counts people, or what they do without an order."""

CREDITS = {Asset.STORE_CREDIT, Asset.POINTS}
BY_SALES = {Metric.OWN_SALES, Metric.OWN_ORDERS, Metric.OWN_UNITS, Metric.FIRST_SALE}
"""What a level may go by."""
LONG_PERIODS = {PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR, PeriodKind.CAMPAIGN}
MOST_FOR_DISTRIBUTORS = 10
"""Awards that new distributors may bring a person in one of the long periods."""


def objections(version: Version, rewards: Sequence[Reward]) -> list[Objection]:
    """Return why the law forbids these terms; empty if it does not. Nothing needs to be saved."""
    found = [*unknown_metric(version), *_of_words(version, rewards)]
    codes = {row.code for row in found}
    structure = dict.fromkeys(_of_structure(version, rewards))
    return found + [_objection(code) for code in structure if code not in codes]


def unknown_metric(version: Version) -> list[Objection]:
    """Object to anything that is counted outside the closed list, which knows orders only."""
    metric = version.metric
    if metric in Metric.values or metric in NOT_BUILT:
        return []
    forms = (code for code, names in UNKNOWN_METRICS if re.search(names, metric.lower()))
    return [_objection(next(forms, "headcount"), metric)]


def _of_words(version: Version, rewards: Sequence[Reward]) -> Iterator[Objection]:
    texts = [version.name, version.terms, *_names_given(rewards)]
    for code, words in shapes_in("。".join(texts)):
        yield _objection(code, words)


def _names_given(rewards: Sequence[Reward]) -> Iterator[str]:
    """Yield the names that staff chose for what is given; the sentence for members has them."""
    for reward in rewards:
        if reward.kind == Kind.COUPON and reward.coupon:
            yield reward.coupon.name
        elif reward.kind == Kind.LEVEL and reward.level:
            yield reward.level.name


def _of_structure(version: Version, rewards: Sequence[Reward]) -> Iterator[str]:
    if version.metric == Metric.TEAM_SALES:
        yield "team_sales"
    if version.metric == Metric.NEW_DISTRIBUTORS and not _is_capped(version):
        yield "uncapped_distributors"
    if version.metric == Metric.PROOF and version.reach == Version.Reach.RANK:
        yield "money_for_proofs"
    for reward in rewards:
        yield from _of_reward(version.metric, reward)


def _is_capped(version: Version) -> bool:
    """Return whether so few awards may be given per person that recruiting is no business."""
    return (
        version.period in LONG_PERIODS
        and 1 <= (version.most_per_member or 0) <= MOST_FOR_DISTRIBUTORS
        and version.reach != Version.Reach.RANK
    )


def _of_reward(metric: str, reward: Reward) -> Iterator[str]:
    kind = reward.kind
    credit = kind in Reward.MONEY and reward.asset in CREDITS
    if metric == Metric.OWN_SPEND and kind in (Kind.LEVEL, Kind.BOOST):
        yield "level_by_purchase"
    elif metric == Metric.OWN_SPEND and not (credit or kind in (Kind.COUPON, Kind.FACTOR)):
        yield "cash_for_purchases"
    elif metric == Metric.NEW_DISTRIBUTORS and not _is_small(reward):
        yield "cash_for_distributors"
    elif metric == Metric.PROOF and kind not in (Kind.COUPON, Kind.GIFT):
        yield "money_for_proofs"
    elif kind == Kind.LEVEL and metric not in BY_SALES:
        yield "level_by_headcount"


def _is_small(reward: Reward) -> bool:
    """Return whether a reward is one that new distributors may bring."""
    if reward.kind == Kind.AMOUNT:
        return reward.asset == Asset.STORE_CREDIT
    return reward.kind == Kind.COUPON


def _objection(code: str, words: str = "") -> Objection:
    article, reason, instead = map(str, LAWS[code])
    text = gettext("%(reason)s %(instead)s (%(article)s)") % {
        "reason": reason, "instead": instead, "article": article,
    }  # fmt: skip
    if words:
        text = gettext("“%(words)s”: %(text)s") % {"words": words, "text": text}
    return Objection(code, article, text)
