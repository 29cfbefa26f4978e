"""The checks of an incentive's terms, field by field, for forms and for services.

Fields are those of ``Version``; of the reward at index 0 they are ``rewards.0.amount`` and so on,
and ``rewards`` is about all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from catalog.models import Category, Product
from common.money import yuan_text
from distribution.models import Level, Segment
from incentives.check_types import Found
from incentives.coupon_checks import coupon_errors
from incentives.models import Audience, Metric, PeriodKind, Reward, Version
from incentives.models.incentive import MAX_VALUE, MEMBER_METRICS
from incentives.reward_checks import reward_errors, storage_errors_of_reward
from incentives.step_checks import least_budget, prizes, step_errors
from orders.models import Policy as OrderPolicy
from sharing.models import Share

Reach = Version.Reach

MAX_DAYS = 366
MAX_COUNT = 10**9
CHOICES: dict[str, Any] = {
    "metric": Metric, "audience": Audience, "period": PeriodKind, "reach": Reach,
    "ties": Version.Ties,
}  # fmt: skip
NUMBERS = {
    "min_amount": (0, MAX_VALUE), "friend_days": (1, MAX_DAYS), "close_days": (0, MAX_DAYS),
    "most_per_member": (1, MAX_COUNT), "budget_awards": (1, MAX_COUNT),
    "budget_amount": (1, MAX_VALUE), "confirm_above": (1, MAX_VALUE),
}  # fmt: skip
WITHOUT_FILTERS = {Metric.TEAM_POOL, Metric.PROOF}
ONE_AT_A_TIME = {Metric.FIRST_SALE, Metric.TEAM_POOL}
"""Given each time: they are reached once a person and period."""
RANKED = {Metric.OWN_SALES, Metric.OWN_ORDERS, Metric.OWN_UNITS, Metric.REFERRED_BUYERS}
PEOPLE = {Metric.REFERRED_BUYERS, Metric.NEW_DISTRIBUTORS}
"""What counts a person by one order."""
LEAST_ORDER = 100
"""Fen: an order below would make a person count for being there."""
NOT_BUILT = {
    "group_buys_formed": _lazy(
        "Group buys cannot be counted before the shop has group buying: count own orders."
    ),
}
"""Metrics of the design that wait for their room."""
MONEY_FIELDS = {"min_amount", "budget_amount", "confirm_above"}


def errors_of(
    version: Version, rewards: Sequence[Reward], *, at: datetime | None = None
) -> dict[str, list[str]]:
    """Return what must be corrected before publication, by field; nothing needs to be saved.

    :param at: the moment of publication; without it nothing is compared with the clock
    """
    found = errors_of_storage(version, rewards)
    if found:
        return found  # what the other checks compute with these values would only confuse
    return _by_field(
        *_completeness(version, rewards, at), *_audience(version), *_filters(version),
        *_period(version), *_limits(version, rewards), *step_errors(version, rewards),
        *(error for place, row in enumerate(rewards)
          for error in reward_errors(version, row, place, at=at)),
        *coupon_errors(version, rewards, at=at),
    )  # fmt: skip


def errors_of_storage(version: Version, rewards: Sequence[Reward]) -> dict[str, list[str]]:
    """Return why a draft cannot be saved with these values, by field: a draft may lack values."""
    return _by_field(
        *_texts(version), *_choices(version), *_numbers(version), *_window(version),
        *(error for place, row in enumerate(rewards)
          for error in storage_errors_of_reward(row, place)),
    )  # fmt: skip


def _by_field(*found: tuple[str, str]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for field, text in found:
        texts = errors.setdefault(field, [])
        if text not in texts:
            texts.append(text)
    return errors


def _texts(version: Version) -> Found:
    for field in (Version._meta.get_field("name"), Version._meta.get_field("terms")):
        longest = field.max_length or 0
        if len(getattr(version, field.name)) > longest:
            yield field.name, _("Write at most %(count)s characters.") % {"count": longest}


def _choices(version: Version) -> Found:
    for field, choices in CHOICES.items():
        value = getattr(version, field)
        if value not in choices.values:
            yield field, str(NOT_BUILT.get(value) or _("Choose one of the list."))
    if not set(version.channels).issubset(Share.Channel.values):
        yield "channels", _("Choose channels of the list.")


def _numbers(version: Version) -> Found:
    for field, (least, most) in NUMBERS.items():
        value = getattr(version, field)
        if value is not None and not least <= value <= most:
            show = yuan_text if field in MONEY_FIELDS else str
            limits = {"least": show(least), "most": show(most)}
            yield field, _("Enter a value from %(least)s to %(most)s.") % limits


def _window(version: Version) -> Found:
    start, end = version.starts_at, version.ends_at
    if start and end and end <= start:
        yield "ends_at", _("The end must come after the start.")
    if version.metric == Metric.TEAM_POOL:
        # The database demands both of drafts, too.
        if version.period != PeriodKind.MONTH:
            yield "period", _("A team pool is counted by the month.")
        if not version.levels:
            yield "levels", _("Choose the levels that share the pool.")


def _completeness(version: Version, rewards: Sequence[Reward], at: datetime | None) -> Found:
    if not version.name.strip():
        yield "name", _("Give it a name that members understand.")
    if not rewards:
        yield "rewards", _("Say what it gives: add a reward.")
    elif all(row.side == Reward.Side.FRIEND for row in rewards):
        yield "rewards", _("Add a reward for who brings the friend.")
    if at and version.ends_at and version.ends_at <= at:
        yield "ends_at", _("This end has passed already.")


def _audience(version: Version) -> Found:
    pool = version.metric == Metric.TEAM_POOL
    if version.audience == Audience.LEVELS and not version.levels and not pool:
        yield "levels", _("Choose at least one level.")
    if version.audience == Audience.SEGMENTS and not version.segments:
        yield "segments", _("Choose at least one segment.")
    if version.levels and version.audience != Audience.LEVELS and not pool:
        yield "levels", _("Levels are chosen only if it is for distributors of some levels.")
    if version.segments and version.audience != Audience.SEGMENTS:
        yield "segments", _("Segments are chosen only if it is for distributors of some segments.")
    yield from _known("levels", version.levels, Level)
    yield from _known("segments", version.segments, Segment)
    if version.audience == Audience.EVERYONE and version.metric not in MEMBER_METRICS:
        yield (
            "audience",
            _("Members who are no distributors have no sales: choose distributors."),
        )


def _filters(version: Version) -> Found:
    yield from _known("products", version.products, Product)
    yield from _known("categories", version.categories, Category)
    if version.metric in WITHOUT_FILTERS:
        for field in ("products", "categories", "channels", "min_amount"):
            if getattr(version, field):
                yield field, _("This counts no single orders, so it has no filter.")
    if version.metric in PEOPLE and version.min_amount < LEAST_ORDER:
        yield (
            "min_amount",
            _("A person counts by an order: say from which amount, %(least)s or more.")
            % {"least": yuan_text(LEAST_ORDER)},
        )


def _known(field: str, keys: Iterable[int], model: Any) -> Found:
    wanted = set(keys)
    if wanted and model.objects.filter(pk__in=wanted).count() < len(wanted):
        yield field, _("Something that was chosen no longer exists. Choose again.")


def _period(version: Version) -> Found:
    metric, reach, period = version.metric, version.reach, version.period
    if metric in ONE_AT_A_TIME and reach != Reach.EACH:
        yield "reach", _("This is reached once, so it is given each time.")
    if metric == Metric.FIRST_SALE and period != PeriodKind.CAMPAIGN:
        yield "period", _("A first sale happens once: count it over the whole campaign.")
    if reach == Reach.RANK:
        yield from _contest(version)
    elif period == PeriodKind.EACH:
        yield from _each_order(version)
    protection = OrderPolicy.current().protection_days
    if period != PeriodKind.EACH and version.close_days < protection:
        yield (
            "close_days",
            _("Orders are protected for %(days)s days after receipt: close no earlier.")
            % {"days": protection},
        )


def _contest(version: Version) -> Found:
    if version.metric not in RANKED:
        yield "reach", _("Contests rank own sales, orders or units, or friends who bought.")
    if version.period == PeriodKind.EACH:
        yield "period", _("A contest needs a span of time, such as a week.")
    if version.period == PeriodKind.CAMPAIGN and version.ends_at is None:
        yield "ends_at", _("A contest needs an end, after which the places are final.")
    if version.most_per_member is not None:
        yield "most_per_member", _("A contest gives one place to a person.")
    has_budget = version.budget_amount is not None or version.budget_awards is not None
    if version.ties == Version.Ties.EACH and not has_budget:
        yield "ties", _("Each gets the prize only within a budget: set one, or share prizes.")


def _each_order(version: Version) -> Found:
    if version.reach == Reach.EVERY:
        yield "period", _("“Each n” counts orders together: choose a span of time.")
    elif version.reach == Reach.STEPS:
        yield "period", _("Steps count orders together: choose a day or longer.")


def _limits(version: Version, rewards: Sequence[Reward]) -> Found:
    if version.metric == Metric.TEAM_POOL:
        for field in ("budget_awards", "budget_amount", "most_per_member"):
            if getattr(version, field) is not None:
                yield field, _("A pool is given out whole, so it has no limit.")
        if version.takes_back_after_close:
            yield "takes_back_after_close", _("A pool is final at its close.")
        return
    least = least_budget(version, rewards)
    if version.budget_amount is not None and version.budget_amount < least:
        yield (
            "budget_amount",
            _("The budget must cover at least %(amount)s.") % {"amount": yuan_text(least)},
        )
    count = prizes(version, rewards)
    if version.budget_awards is not None and version.budget_awards < count:
        yield (
            "budget_awards",
            _("The budget must cover all %(count)s prizes.") % {"count": count},
        )
