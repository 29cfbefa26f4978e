"""The ladder of levels: conditions, reviews, pins and awarded levels.

``distribution.Distributor.level`` is what counts; ``services.levels`` sets it to the pin, else to
the better of the awarded level and the level by the ladder.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from distribution.models import Distributor

NOTHING = "–"
"""For no level."""


class LevelCondition(models.Model):
    """What a level asks for: own sales or own orders, completed, in a window. Never by paying."""

    class Window(models.TextChoices):
        DAYS_30 = "days_30", _("last 30 days")
        DAYS_90 = "days_90", _("last 90 days")
        MONTH = "month", _("calendar month")
        QUARTER = "quarter", _("quarter")
        YEAR = "year", _("year")

    level = models.OneToOneField(
        "distribution.Level", models.CASCADE, primary_key=True, related_name="condition",
        verbose_name=_("level"),
    )  # fmt: skip
    window = models.CharField(_("counted over"), max_length=8, choices=Window)
    # All that are set must be reached.
    min_sales = models.PositiveBigIntegerField(_("own sales from"), null=True, blank=True)
    min_orders = models.PositiveIntegerField(_("own orders from"), null=True, blank=True)
    min_buyers = models.PositiveIntegerField(_("own buyers from"), null=True, blank=True)
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=30)

    class Meta:
        verbose_name = _("condition of a level")
        verbose_name_plural = _("conditions of levels")
        ordering = ["level__rank"]
        constraints = [
            # With a null, a comparison alone would be unknown, and pass.
            models.CheckConstraint(
                condition=Q(min_sales__isnull=False, min_sales__gt=0)
                | Q(min_orders__isnull=False, min_orders__gt=0),
                name="level_asks_for_orders",
                violation_error_message=_(
                    "A level asks for own sales or own orders. Fill in one of them."
                ),
            ),
            models.CheckConstraint(
                condition=Q(min_buyers=None) | Q(min_buyers__gt=0),
                name="level_buyers_positive",
                violation_error_message=_("Own buyers start at 1; leave the field empty for none."),
            ),
            # Nobody loses a level without a warning.
            models.CheckConstraint(
                condition=Q(grace_days__gt=0, grace_days__lte=365),
                name="level_grace_within_limits",
                violation_error_message=_("The days of grace lie between 1 and 365."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.level)


class LadderLevel(models.Model):
    """The level that a distributor has by the ladder; kept through days of grace."""

    distributor = models.OneToOneField(
        "distribution.Distributor", models.PROTECT, primary_key=True,
        related_name="ladder_level", verbose_name=_("distributor"),
    )  # fmt: skip
    level = models.ForeignKey(
        "distribution.Level", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("level by the ladder"),
    )  # fmt: skip
    since = models.DateTimeField(_("since"))
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, db_index=True)

    class Meta:
        verbose_name = _("level by the ladder")
        verbose_name_plural = _("levels by the ladder")

    def __str__(self) -> str:
        return f"{self.distributor} {self.level or NOTHING}"


class LevelPinQuerySet(models.QuerySet["LevelPin"]):
    def in_force(self, at: datetime) -> LevelPinQuerySet:
        return self.filter(
            Q(ended_at=None) | Q(ended_at__gt=at),
            Q(until=None) | Q(until__gt=at),
            pinned_at__lte=at,
        )

    def over(self, at: datetime) -> LevelPinQuerySet:
        """Limit to pins that have run out and are not recorded as ended."""
        return self.filter(until__lte=at, ended_at=None)


class LevelPin(models.Model):
    """A level that staff fixed for a distributor, with the reason; at most one at a time."""

    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="level_pins",
        verbose_name=_("distributor"),
    )  # fmt: skip
    level = models.ForeignKey(
        "distribution.Level", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("level"),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=200)
    pinned_at = models.DateTimeField(_("pinned at"))
    pinned_by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("pinned by"),
    )  # fmt: skip
    until = models.DateTimeField(_("until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects: ClassVar[LevelPinQuerySet] = LevelPinQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("pinned level")
        verbose_name_plural = _("pinned levels")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor"], condition=Q(ended_at=None), name="level_pin_one_open"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="level_pin_has_reason"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("pinned_at")),
                name="level_pin_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.distributor} {self.level or NOTHING}"


class LevelAwardQuerySet(models.QuerySet["LevelAward"]):
    def in_force(self, at: datetime) -> LevelAwardQuerySet:
        return self.filter(ended_at=None, starts_at__lte=at, ends_at__gt=at)

    def over(self, at: datetime) -> LevelAwardQuerySet:
        """Limit to levels whose days are over and that are not recorded as ended."""
        return self.filter(ends_at__lte=at, ended_at=None)


class LevelAward(models.Model):
    """A level that an award gives for some days; ended early if the award is taken back."""

    award = models.OneToOneField(
        "incentives.Award", models.PROTECT, related_name="level_award", verbose_name=_("award")
    )
    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="+",
        verbose_name=_("distributor"),
    )  # fmt: skip
    level = models.ForeignKey(
        "distribution.Level", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("level"),
    )  # fmt: skip
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    # Recorded when its days are over, or earlier when the award is taken back.
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects: ClassVar[LevelAwardQuerySet] = LevelAwardQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("awarded level")
        verbose_name_plural = _("awarded levels")
        ordering = ["-id"]
        indexes = [
            models.Index("ends_at", condition=Q(ended_at=None), name="level_award_open"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="level_award_lasts"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("starts_at"), ended_at__lte=F("ends_at")),
                name="level_award_ends_within_its_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.distributor} {self.level or NOTHING}"


class LevelReview(models.Model):
    """A review that changed a level, with the figures it was decided by. Append-only."""

    class Cause(models.TextChoices):
        LADDER = "ladder", _("reached by sales")
        GRACE_OVER = "grace_over", _("no longer reached, and the days of grace are over")
        PIN = "pin", _("pinned by staff")
        PIN_OVER = "pin_over", _("the pin has ended")
        AWARD = "award", _("awarded")
        AWARD_OVER = "award_over", _("the awarded level has ended")

    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="level_reviews",
        verbose_name=_("distributor"),
    )  # fmt: skip
    at = models.DateTimeField(_("at"))
    before = models.ForeignKey(
        "distribution.Level", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("level before"),
    )  # fmt: skip
    after = models.ForeignKey(
        "distribution.Level", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("level after"),
    )  # fmt: skip
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    # Of the ladder: ``{"sales": fen, "orders": n, "buyers": n, "from": date, "to": date}``, the
    # last day included.
    figures = models.JSONField(_("figures"), default=dict)

    class Meta:
        verbose_name = _("level review")
        verbose_name_plural = _("level reviews")
        ordering = ["-id"]
        indexes = [models.Index(fields=["at"], name="level_review_by_day")]

    def __str__(self) -> str:
        return f"{self.distributor} {self.before or NOTHING} → {self.after or NOTHING}"


class LevelWarning(models.Model):
    """A level that is no longer reached: kept until ``falls_at``, and the distributor is warned."""

    distributor = models.OneToOneField(
        "distribution.Distributor", models.PROTECT, primary_key=True,
        related_name="level_warning", verbose_name=_("distributor"),
    )  # fmt: skip
    level = models.ForeignKey(
        "distribution.Level", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("level that is reached"),
    )  # fmt: skip
    warned_at = models.DateTimeField(_("warned at"))
    falls_at = models.DateTimeField(_("falls at"), db_index=True)

    class Meta:
        verbose_name = _("warning of a lower level")
        verbose_name_plural = _("warnings of lower levels")
        constraints = [
            models.CheckConstraint(
                condition=Q(falls_at__gt=F("warned_at")), name="level_warning_gives_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.distributor)


class DistributorLevel(Distributor):
    """A distributor, as the pages about levels show one."""

    class Meta:
        proxy = True
        verbose_name = _("level of a distributor")
        verbose_name_plural = _("levels of distributors")
        ordering = ["-id"]
        default_permissions = ("view",)
        permissions: ClassVar = [("pin_level", "Can pin the level of a distributor")]
