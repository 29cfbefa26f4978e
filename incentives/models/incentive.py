"""Incentives (激励活动) and their versions: what is counted, for whom, and what it gives."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.base_models import PublicIdField
from ledger.chart import Asset
from members.models import User

MAX_VALUE = 10**10
"""Of a threshold or amount: a hundred million yuan in fen."""


class Metric(models.TextChoices):
    """What is counted, always of completed orders; see ``incentives.metrics``."""

    OWN_SALES = "own_sales", _("own sales")
    OWN_ORDERS = "own_orders", _("own orders")
    OWN_UNITS = "own_units", _("own units sold")
    FIRST_SALE = "first_sale", _("first sale")
    REFERRED_BUYERS = "referred_buyers", _("friends who bought")
    NEW_DISTRIBUTORS = "new_distributors", _("new distributors who sold")
    TEAM_SALES = "team_sales", _("team sales")
    OWN_SPEND = "own_spend", pgettext_lazy("metric", "own purchases")
    PROOF = "proof", _("approved proofs")
    TEAM_POOL = "team_pool", _("share of a team pool")


AMOUNT_METRICS = {Metric.OWN_SALES, Metric.TEAM_SALES, Metric.OWN_SPEND, Metric.TEAM_POOL}
"""Counted in fen; the others count pieces."""

MEMBER_METRICS = (Metric.REFERRED_BUYERS, Metric.OWN_SPEND)
"""What members can do who are no distributors: the rest needs sales of one's own."""


class PeriodKind(models.TextChoices):
    """The span over which orders are counted together: by ``paid_at``, in Shanghai's calendar."""

    EACH = "each", _("each order")
    DAY = "day", _("day")
    WEEK = "week", _("week")
    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    YEAR = "year", _("year")
    CAMPAIGN = "campaign", _("whole campaign")


class Audience(models.TextChoices):
    EVERYONE = "everyone", _("every member")
    DISTRIBUTORS = "distributors", _("all distributors")
    LEVELS = "levels", _("distributors of some levels")
    SEGMENTS = "segments", _("distributors of some segments")


class Incentive(models.Model):
    """An incentive through all its versions. Awards are unique by it, not by a version."""

    public_id = PublicIdField()
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("created by"),
    )  # fmt: skip
    # Orders paid from then on no longer count; what was reached before is still awarded.
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    stopped_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("stopped by"),
    )  # fmt: skip
    stop_reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("incentive")
        verbose_name_plural = _("incentives")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_at=None, stopped_by=None, stop_reason="")
                | Q(stopped_at__isnull=False, stopped_by__isnull=False) & ~Q(stop_reason=""),
                name="incentive_stopped_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class VersionQuerySet(models.QuerySet["Version"]):
    def published(self) -> VersionQuerySet:
        return self.filter(status=Version.Status.PUBLISHED)

    def running(self, at: datetime) -> VersionQuerySet:
        """Limit to the versions that an order paid at this moment is counted by.

        Of each incentive the newest that had started, unless the incentive had stopped.
        """
        started = self.published().filter(starts_at__lte=at)
        newest = started.order_by("incentive_id", "-starts_at", "-number").distinct("incentive_id")
        return self.filter(
            Q(ends_at=None) | Q(ends_at__gt=at),
            Q(incentive__stopped_at=None) | Q(incentive__stopped_at__gt=at),
            pk__in=newest.values("pk"),
        )

    def waiting_for(self, user: User) -> VersionQuerySet:
        """Limit to the versions that wait for this person's publication."""
        waiting = self.filter(status=Version.Status.SUBMITTED)
        return waiting.exclude(editors__contains=[user.pk])


class Version(models.Model):
    """The terms of an incentive: edited as a draft, published by another person, then fixed.

    Amounts are fen, rates basis points.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waiting for publication")
        PUBLISHED = "published", _("published")

    class Reach(models.TextChoices):
        """When something is given: with each counted thing, each n, at steps, or by rank."""

        EACH = "each", _("each time")
        EVERY = "every", pgettext_lazy("incentive", "each n")
        STEPS = "steps", _("at steps")
        RANK = "rank", _("by rank")

    class Ties(models.TextChoices):
        SPLIT = "split", _("share the prizes of their places")
        EACH = "each", _("each get the prize of the better place")

    COMES_FROM: ClassVar = {
        Status.SUBMITTED: [Status.DRAFT],
        Status.DRAFT: [Status.SUBMITTED],
        Status.PUBLISHED: [Status.DRAFT, Status.SUBMITTED],
    }
    EDITABLE_IN: ClassVar = (Status.DRAFT,)

    public_id = PublicIdField()
    incentive = models.ForeignKey(
        Incentive, models.PROTECT, related_name="versions", verbose_name=_("incentive")
    )
    number = models.PositiveIntegerField(_("version"), null=True, editable=False)
    name = models.CharField(_("name"), max_length=40)
    # What members read beside the sentence that is made of the terms.
    terms = models.CharField(_("terms for members"), max_length=1_000, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)

    metric = models.CharField(_("counted"), max_length=20, choices=Metric)
    # Filters; empty: everything. ``products`` and ``categories`` are keys of the catalogue.
    products = ArrayField(
        models.BigIntegerField(), verbose_name=_("products"), default=list, blank=True
    )
    categories = ArrayField(
        models.BigIntegerField(), verbose_name=_("categories"), default=list, blank=True
    )
    # Of the share by which an order came; an order without a share is of no channel.
    channels = ArrayField(
        models.CharField(max_length=11), verbose_name=_("sharing channels"), default=list,
        blank=True,
    )  # fmt: skip
    min_amount = models.PositiveBigIntegerField(_("orders from an amount of"), default=0)
    friend_days = models.PositiveSmallIntegerField(_("days for the friend's order"), default=30)

    audience = models.CharField(_("for"), max_length=12, choices=Audience)
    levels = ArrayField(
        models.BigIntegerField(), verbose_name=_("levels"), default=list, blank=True
    )
    segments = ArrayField(
        models.BigIntegerField(), verbose_name=_("segments"), default=list, blank=True
    )

    period = models.CharField(_("counted per"), max_length=8, choices=PeriodKind)
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    close_days = models.PositiveSmallIntegerField(_("days until the close"), default=15)
    takes_back_after_close = models.BooleanField(
        _("refunds after the close take back"), default=False
    )

    reach = models.CharField(_("given"), max_length=5, choices=Reach, default=Reach.STEPS)
    sums_steps = models.BooleanField(_("all steps reached are given"), default=False)
    ties = models.CharField(_("ties"), max_length=5, choices=Ties, default=Ties.SPLIT)
    most_per_member = models.PositiveIntegerField(
        _("awards per member and period"), null=True, blank=True
    )
    budget_awards = models.PositiveIntegerField(_("budget in awards"), null=True, blank=True)
    budget_amount = models.PositiveBigIntegerField(_("budget in money"), null=True, blank=True)
    # A close whose awards come to more waits for a second person.
    confirm_above = models.PositiveBigIntegerField(_("second person above"), null=True, blank=True)

    template = models.SlugField(_("template"), max_length=40, blank=True, editable=False)
    editors = ArrayField(models.BigIntegerField(), verbose_name=_("edited by"), default=list)
    edited_at = models.DateTimeField(_("edited at"))
    submitted_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("handed over by"),
    )  # fmt: skip
    submitted_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    return_reason = models.CharField(_("reason for the return"), max_length=200, blank=True)
    published_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("published by"),
    )  # fmt: skip
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)

    objects: ClassVar[VersionQuerySet] = VersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("version of an incentive")
        verbose_name_plural = _("versions of incentives")
        ordering = ["-id"]
        permissions: ClassVar = [("publish_version", "Can publish and stop incentives")]
        constraints = [
            models.UniqueConstraint(
                fields=["incentive", "number"], condition=Q(number__isnull=False),
                name="incentive_version_unique",
            ),
            models.UniqueConstraint(
                fields=["incentive"], condition=Q(status__in=["draft", "submitted"]),
                name="incentive_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["draft", "submitted"], number=None, published_by=None,
                    published_at=None,
                )
                | Q(
                    status="published", number__isnull=False, published_by__isnull=False,
                    published_at__isnull=False, starts_at__isnull=False,
                ),
                name="incentive_version_published_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", submitted_by=None, submitted_at=None)
                | Q(status="submitted", submitted_by__isnull=False, submitted_at__isnull=False)
                | Q(status="published"),
                name="incentive_version_submitted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="incentive_version_ends_after_start",
            ),
            # Law: sales of a team are shown and never paid; see docs/incentives.md.
            models.CheckConstraint(
                condition=~Q(status="published", metric="team_sales"),
                name="incentive_team_sales_never_published",
            ),
            models.CheckConstraint(
                condition=~Q(metric="team_pool") | Q(period="month") & ~Q(levels=[]),
                name="incentive_team_pool_by_month_and_level",
            ),
            models.CheckConstraint(
                condition=Q(
                    channels__contained_by=[
                        "chat", "moments", "group", "qq", "weibo", "douyin", "xiaohongshu",
                        "poster", "other",
                    ]
                ),
                name="incentive_channels_known",
            ),
            models.CheckConstraint(
                condition=Q(budget_awards=None) | Q(budget_awards__gt=0),
                name="incentive_budget_awards_positive",
            ),
            models.CheckConstraint(
                condition=Q(budget_amount=None) | Q(budget_amount__gt=0),
                name="incentive_budget_amount_positive",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} #{self.number}" if self.number else self.name

    @property
    def counts_money(self) -> bool:
        return self.metric in AMOUNT_METRICS

    @property
    def counts_until(self) -> datetime | None:
        """The moment before which orders must be paid: its end, or the stop if that is earlier."""
        ends = (self.ends_at, self.incentive.stopped_at)
        return min((moment for moment in ends if moment is not None), default=None)

    def has_ended(self, at: datetime) -> bool:
        """Return whether orders that are paid at this moment count no longer."""
        until = self.counts_until
        return until is not None and until <= at

    @property
    def is_decided_at_close(self) -> bool:
        """Return whether only the close decides: no single order raises a prize or a pool."""
        return self.reach == self.Reach.RANK or self.metric == Metric.TEAM_POOL


class Reward(models.Model):
    """What a version gives at a step, at a place, or each time."""

    class Kind(models.TextChoices):
        AMOUNT = "amount", _("amount")
        PERCENT = "percent", _("percent of what was counted")
        COUPON = "coupon", _("coupon")
        GIFT = "gift", _("gift")
        LEVEL = "level", _("level")
        BOOST = "boost", _("higher commission")
        FACTOR = "factor", _("multiple points")

    class Side(models.TextChoices):
        EARNER = "earner", _("who earns it")
        FRIEND = "friend", _("the friend")

    MONEY: ClassVar = (Kind.AMOUNT, Kind.PERCENT)
    """The kinds that are posted to a wallet."""

    version = models.ForeignKey(
        Version, models.CASCADE, related_name="rewards", verbose_name=_("version")
    )
    side = models.CharField(_("for"), max_length=6, choices=Side, default=Side.EARNER)
    # Steps: from this value on. Each n: the n. Each time: 1. In fen for metrics in money.
    threshold = models.PositiveBigIntegerField(
        pgettext_lazy("incentive", "from"), null=True, blank=True
    )
    first_rank = models.PositiveIntegerField(_("from place"), null=True, blank=True)
    last_rank = models.PositiveIntegerField(_("to place"), null=True, blank=True)
    kind = models.CharField(_("given"), max_length=8, choices=Kind, default=Kind.AMOUNT)
    asset = models.CharField(_("asset"), max_length=12, choices=Asset, blank=True)
    amount = models.PositiveBigIntegerField(_("amount"), null=True, blank=True)
    # Percent: of what was counted; of a team pool, of the shop's sales. 20000 doubles a boost or
    # factor.
    rate = models.PositiveIntegerField(_("rate"), null=True, blank=True)
    most = models.PositiveBigIntegerField(_("at most"), null=True, blank=True)
    coupon = models.ForeignKey(
        "promotions.Coupon", models.PROTECT, null=True, blank=True, related_name="+",
        db_index=False, verbose_name=_("coupon"),
    )  # fmt: skip
    gift = models.ForeignKey(
        "catalog.Sku", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("gift"),
    )  # fmt: skip
    level = models.ForeignKey(
        "distribution.Level", models.PROTECT, null=True, blank=True, related_name="+",
        db_index=False, verbose_name=_("level"),
    )  # fmt: skip
    days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        ordering = ["version_id", "side", "threshold", "first_rank", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind="amount", asset__in=Asset.values, amount__gt=0, amount__lte=MAX_VALUE,
                    rate=None, most=None, coupon=None, gift=None, level=None, days=None,
                )
                | Q(
                    kind="percent", asset__in=Asset.values, amount=None, rate__gt=0,
                    rate__lte=10_000, coupon=None, gift=None, level=None, days=None,
                )
                | Q(
                    kind="coupon", asset="", amount=None, rate=None, most=None,
                    coupon__isnull=False, gift=None, level=None, days=None,
                )
                | Q(
                    kind="gift", asset="", amount=None, rate=None, most=None, coupon=None,
                    gift__isnull=False, level=None, days=None,
                )
                | Q(
                    kind="level", asset="", amount=None, rate=None, most=None, coupon=None,
                    gift=None, level__isnull=False, days__gt=0,
                )
                | Q(
                    kind__in=["boost", "factor"], asset="", amount=None, rate__gt=10_000,
                    rate__lte=100_000, most=None, coupon=None, gift=None, level=None, days__gt=0,
                ),
                name="reward_value_matches_kind",
            ),
            models.CheckConstraint(
                condition=Q(first_rank=None, last_rank=None)
                | Q(threshold=None, first_rank__gt=0, last_rank__gte=F("first_rank")),
                name="reward_at_a_threshold_or_places",
            ),
            models.CheckConstraint(
                condition=Q(threshold=None) | Q(threshold__gt=0, threshold__lte=MAX_VALUE),
                name="reward_threshold_within_limits",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.version} {self.get_kind_display()}"
