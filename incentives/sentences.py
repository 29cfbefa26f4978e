"""Say an incentive in one sentence, and its conditions in some more, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from catalog.models import Category, Product, Sku
from common.clock import format_moment
from common.money import BASIS_POINTS, percent, yuan_text
from distribution.models import Level, Segment
from incentives.models import Audience, Metric, PeriodKind, Reward, Version
from ledger.chart import Asset
from sharing.models import Share

Kind, Side, Reach = Reward.Kind, Reward.Side, Version.Reach
INSTANT = timedelta(seconds=1)


def sentence(version: Version, rewards: Sequence[Reward]) -> str:
    """Return what an incentive gives to whom, for what; nothing needs to be saved."""
    earned = [row for row in rewards if row.side == Side.EARNER]
    if not earned:
        return _("%(who)s: nothing is given yet.") % {"who": audience(version)}
    data = {"who": audience(version), "period": period(version), "what": _what(version, earned)}
    if version.metric == Metric.TEAM_POOL:
        return (
            _(
                "%(who)s share %(what)s of the shop's completed distributor sales of each month,"
                " by their own sales."
            )
            % data
        )
    friend = [row for row in rewards if row.side == Side.FRIEND]
    if friend:
        data["friend"] = _list(given(row) for row in friend)
        return _("%(who)s: %(what)s, and the friend gets %(friend)s.") % data
    if version.reach == Reach.EACH:
        return _("%(who)s: %(what)s.") % data
    if version.reach == Reach.RANK:
        data["metric"] = str(Metric(version.metric).label)
        return _("%(who)s, %(period)s: the places by %(metric)s win: %(what)s.") % data
    return _("%(who)s, %(period)s: %(what)s.") % data


def audience(version: Version) -> str:
    if version.audience == Audience.LEVELS or version.metric == Metric.TEAM_POOL:
        return _("Distributors of %(levels)s") % {"levels": _names(Level, version.levels)}
    if version.audience == Audience.SEGMENTS:
        names = _names(Segment, version.segments)
        return _("Distributors of the segment %(segments)s") % {"segments": names}
    if version.audience == Audience.DISTRIBUTORS:
        return _("All distributors")
    return _("Every member")


def period(version: Version) -> str:
    """Return the span of time over which it counts, as part of a sentence."""
    texts: dict[str, str] = {
        PeriodKind.EACH: _("with each order"),
        PeriodKind.DAY: _("each day"),
        PeriodKind.WEEK: _("each week"),
        PeriodKind.MONTH: _("each month"),
        PeriodKind.QUARTER: _("each quarter"),
        PeriodKind.YEAR: _("each year"),
        PeriodKind.CAMPAIGN: _("over the whole campaign"),
    }
    return texts.get(version.period, version.period)


def _what(version: Version, rewards: Sequence[Reward]) -> str:
    if version.metric == Metric.TEAM_POOL:
        return percent(rewards[0].rate or 0)
    if version.reach == Reach.RANK:
        return _parts(_place(rows) for rows in _by(rewards, "first_rank", "last_rank"))
    if version.reach == Reach.EACH:
        data = {"each": _each(version), "given": _list(map(given, rewards))}
        return _("%(each)s gives %(given)s") % data
    every = version.reach == Reach.EVERY
    step = _("every %(count)s: %(given)s") if every else _("from %(count)s: %(given)s")
    return _parts(
        step % {"count": count(version, rows[0].threshold or 0), "given": _list(map(given, rows))}
        for rows in _by(rewards, "threshold")
    )


def _each(version: Version) -> str:
    texts: dict[str, str] = {
        Metric.FIRST_SALE: _("the first sale"),
        Metric.REFERRED_BUYERS: _("each friend who buys within %(days)s days")
        % {"days": version.friend_days},
        Metric.NEW_DISTRIBUTORS: _("each new distributor who sold"),
        Metric.OWN_SPEND: _("each own purchase"),
        Metric.PROOF: _("each approved proof"),
        Metric.TEAM_SALES: _("each order of the team"),
    }
    return texts.get(version.metric, _("each own order"))


def count(version: Version, value: int) -> str:
    """Return a value of what is counted with its unit: "20 own units sold"."""
    if version.counts_money:
        label = Metric(version.metric).label
        return _("%(metric)s of %(amount)s") % {"metric": label, "amount": yuan_text(value)}
    texts: dict[str, str] = {
        Metric.OWN_UNITS: ngettext("%(n)s own unit sold", "%(n)s own units sold", value),
        Metric.REFERRED_BUYERS: ngettext(
            "%(n)s friend who bought", "%(n)s friends who bought", value
        ),
        Metric.NEW_DISTRIBUTORS: ngettext(
            "%(n)s new distributor who sold", "%(n)s new distributors who sold", value
        ),
        Metric.PROOF: ngettext("%(n)s approved proof", "%(n)s approved proofs", value),
    }
    text = texts.get(version.metric)
    return text % {"n": value} if text else _own_orders(value)


def _place(rows: Sequence[Reward]) -> str:
    first, last = rows[0].first_rank, rows[0].last_rank
    data = {"first": first, "last": last, "given": _list(map(given, rows))}
    if last in (None, first):
        return _("place %(first)s %(given)s") % data
    return _("places %(first)s to %(last)s %(given)s each") % data


def given(reward: Reward) -> str:
    """Return what a reward gives: "¥10.00 in cash", "the level Gold for 90 days"."""
    data: dict[str, Any] = {
        "amount": money(reward.asset, reward.amount or 0),
        "rate": percent(reward.rate or 0),
        "factor": f"{(reward.rate or 0) / BASIS_POINTS:g}",
        "asset": Asset(reward.asset).label if reward.asset in Asset.values else "",
        "days": reward.days,
        "thing": gift_name(reward.gift) if reward.gift else reward.coupon or reward.level,
    }
    if reward.kind == Kind.PERCENT and reward.most is not None:
        data["most"] = money(reward.asset, reward.most)
        return _("%(rate)s of it as %(asset)s, at most %(most)s") % data
    return {
        Kind.AMOUNT: _("%(amount)s"),
        Kind.PERCENT: _("%(rate)s of it as %(asset)s"),
        Kind.COUPON: _("the coupon “%(thing)s”"),
        Kind.GIFT: _("the gift “%(thing)s”"),
        Kind.LEVEL: _("the level %(thing)s for %(days)s days"),
        Kind.BOOST: _("%(factor)s times the commission for %(days)s days"),
        Kind.FACTOR: _("%(factor)s times the points for %(days)s days"),
    }[Kind(reward.kind)] % data


def gift_name(gift: Sku) -> str:
    return f"{gift.product.name} {gift.variety}".strip()


def money(asset: str, amount: int) -> str:
    """Return an amount with its asset: points are no money."""
    if asset == Asset.POINTS:
        return ngettext("%(amount)s point", "%(amount)s points", amount) % {"amount": amount}
    texts: dict[str, str] = {
        Asset.CASH: _("%(amount)s in cash"),
        Asset.STORE_CREDIT: _("%(amount)s of store credit"),
        Asset.BONUS: _("%(amount)s as a bonus"),
    }
    return texts.get(asset, "%(amount)s") % {"amount": yuan_text(amount)}


def conditions(version: Version) -> list[str]:
    """Return the sentences that stand below: which orders count, when, and up to what limit."""
    return [*_window(version), *_filters(version), *_counting(version), *_limits(version)]


def _window(version: Version) -> Iterable[str]:
    start, end = version.starts_at, version.ends_at
    data = {"start": start and format_moment(start), "end": end and format_moment(end - INSTANT)}
    if start and end:
        yield _("It counts what was paid from %(start)s to %(end)s.") % data
    elif start:
        yield _("It counts what was paid from %(start)s on.") % data
    elif end:
        yield _("It counts what was paid until %(end)s.") % data


def _filters(version: Version) -> Iterable[str]:
    if version.min_amount:
        yield _("An order counts from %(amount)s.") % {"amount": yuan_text(version.min_amount)}
    if version.products:
        names = _names(Product, version.products)
        yield _("These products count: %(names)s.") % {"names": names}
    if version.categories:
        names = _names(Category, version.categories)
        yield _("These categories count: %(names)s.") % {"names": names}
    if version.channels:
        names = _list(channel_labels(version))
        yield _("Only orders that came by shares in these channels count: %(names)s.") % {
            "names": names
        }


def channel_labels(version: Version) -> list[str]:
    """Return the channels of shares that count, in the order in which people choose them."""
    return [str(row.label) for row in Share.Channel if row in version.channels]


def _counting(version: Version) -> Iterable[str]:
    if version.metric == Metric.PROOF:
        yield _("A proof counts once it is approved, after a first completed order of one's own.")
        return
    if version.period == PeriodKind.EACH and not version.takes_back_after_close:
        yield _("Orders count when they are completed.")
        yield ngettext(
            "Refunds take back what they had brought if they are done before that, or within"
            " %(days)s day after the day of payment. Later ones change nothing.",
            "Refunds take back what they had brought if they are done before that, or within"
            " %(days)s days after the day of payment. Later ones change nothing.",
            version.close_days,
        ) % {"days": version.close_days}  # fmt: skip
        return
    yield _("Orders count when they are completed; a refund takes back what it had brought.")
    if version.period != PeriodKind.EACH and not _is_endless(version):
        yield ngettext(
            "It closes %(days)s day after the end.", "It closes %(days)s days after the end.",
            version.close_days,
        ) % {"days": version.close_days}  # fmt: skip
        if version.takes_back_after_close and version.metric != Metric.TEAM_POOL:
            yield _("Refunds after that still take back.")
        else:
            yield _("After that nothing changes.")


def _is_endless(version: Version) -> bool:
    return version.period == PeriodKind.CAMPAIGN and version.ends_at is None


def _limits(version: Version) -> Iterable[str]:
    if version.reach == Reach.STEPS and version.metric != Metric.TEAM_POOL:
        if version.sums_steps:
            yield _("All steps that are reached are given.")
        else:
            yield _("Only the highest step that is reached is given.")
    if version.reach == Reach.RANK:
        yield {
            Version.Ties.SPLIT: _("Who ties shares the prizes of the places."),
            Version.Ties.EACH: _("Who ties gets the prize of the better place each."),
        }[Version.Ties(version.ties)]
    if version.most_per_member:
        data = {"what": most_per_member(version), "period": period(version)}
        if version.period == PeriodKind.EACH:
            data["period"] = _("each day of payment")
        yield _("Per person, %(period)s, this is rewarded at most: %(what)s.") % data
    if version.budget_awards:
        yield _("There are %(count)s awards in all.") % {"count": version.budget_awards}
    if version.budget_amount:
        amount = yuan_text(version.budget_amount)
        yield _("%(amount)s are given in all.") % {"amount": amount}


def most_per_member(version: Version) -> str:
    """Return what is rewarded of a person in a period: "3 own orders", "2 times"."""
    most = version.most_per_member or 0
    if version.reach == Reach.EVERY:
        return ngettext("%(n)s time", "%(n)s times", most) % {"n": most}
    if version.reach == Reach.STEPS:
        steps = ngettext("the first %(n)s step", "the first %(n)s steps", most)
        return steps % {"n": most}
    if version.metric == Metric.OWN_SPEND:
        return ngettext("%(n)s own purchase", "%(n)s own purchases", most) % {"n": most}
    if version.counts_money or version.metric == Metric.OWN_UNITS:
        return _own_orders(most)
    return count(version, most)


def _own_orders(value: int) -> str:
    return ngettext("%(n)s own order", "%(n)s own orders", value) % {"n": value}


def _names(model: Any, keys: Sequence[int]) -> str:
    by_key = {row.pk: str(row) for row in model.objects.filter(pk__in=keys)}
    return _list(by_key[key] for key in keys if key in by_key) or "?"


def _list(texts: Iterable[str]) -> str:
    return pgettext("between parts of a list", ", ").join(map(str, texts))


def _parts(texts: Iterable[str]) -> str:
    return pgettext("between steps", "; ").join(texts)


def _by(rewards: Sequence[Reward], *fields: str) -> Iterable[list[Reward]]:
    def key(row: Reward) -> tuple[int, ...]:
        return tuple(getattr(row, field) or 0 for field in fields)

    for _key, rows in groupby(sorted(rewards, key=key), key=key):
        yield list(rows)
