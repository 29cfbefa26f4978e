"""Back-tests: what a version would have given for the orders of the last days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from incentives.models.incentive import Version


class BackTest(models.Model):
    """A trial on past orders that a worker computes in batches.

    First it counts the orders, up to ``cursor``; then it gives to the members, up to
    ``member_cursor``. All amounts in minor units.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    COMES_FROM: ClassVar = {
        Status.RUNNING: [Status.QUEUED],
        Status.DONE: [Status.QUEUED, Status.RUNNING],
        Status.FAILED: [Status.QUEUED, Status.RUNNING],
    }
    EDITABLE_IN: ClassVar = (Status.QUEUED, Status.RUNNING)

    public_id = PublicIdField()
    version = models.ForeignKey(
        Version, models.CASCADE, related_name="back_tests", db_index=False,
        verbose_name=_("version of an incentive"),
    )  # fmt: skip
    # Of the version when the test was requested: a draft may be edited meanwhile.
    terms = models.JSONField(_("terms"))
    requested_by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("requested by"),
    )  # fmt: skip
    requested_at = models.DateTimeField(_("requested at"))
    days = models.PositiveSmallIntegerField(_("days"))
    since = models.DateTimeField(_("orders from"))
    until = models.DateTimeField(_("orders until"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    first_order = models.BigIntegerField(default=0)
    last_order = models.BigIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    member_cursor = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    orders = models.IntegerField(_("orders"), default=0)
    counted = models.IntegerField(_("orders that count"), default=0)
    sales = models.BigIntegerField(_("paid for goods"), default=0)
    awards = models.IntegerField(_("awards"), default=0)
    # By asset, or by kind for what is no money: {"cash": 1000, "coupon": 3}
    totals = models.JSONField(_("totals"), default=dict)
    # Of what is no money, at most and in fen; and how many such awards have no known worth.
    worth = models.BigIntegerField(_("worth of things"), default=0)
    unvalued = models.IntegerField(_("things without a known worth"), default=0)

    class Meta:
        verbose_name = _("back-test of an incentive")
        verbose_name_plural = _("back-tests of incentives")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(finished_at=None),
                name="incentive_backtest_one_open",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "failed"]),
                name="incentive_backtest_status_valid",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], finished_at=None)
                | Q(status__in=["done", "failed"], finished_at__isnull=False),
                name="incentive_backtest_finished_has_time",
            ),
            models.CheckConstraint(
                condition=Q(since__lt=F("until"), days__gt=0), name="incentive_backtest_has_days"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.version} · {self.days}"

    @property
    def is_open(self) -> bool:
        return self.status in self.EDITABLE_IN

    @property
    def last_day(self) -> datetime:
        """Return a moment of the last day: ``until`` is the start of the day after it."""
        return self.until - timedelta(days=1)

    @property
    def progress(self) -> int:
        """The percentage of the orders' keys that are read."""
        if not self.is_open:
            return 100
        keys = self.last_order - self.first_order + 1
        read = max(0, self.cursor - self.first_order + 1)
        return min(99, read * 100 // keys) if keys > 0 and self.last_order else 0


class BackTestCount(models.Model):
    """What an order counts in a back-test; removed once its member got what it gives."""

    back_test = models.ForeignKey(
        BackTest, models.CASCADE, related_name="counts", db_index=False,
        verbose_name=_("back-test of an incentive"),
    )  # fmt: skip
    member = models.BigIntegerField()
    period_start = models.DateField()
    order = models.BigIntegerField()
    subject = models.BigIntegerField(null=True)
    value = models.BigIntegerField()
    paid = models.BigIntegerField()
    commissions = models.BigIntegerField(default=0)
    # How much the awards in money may come to, see ``Contribution``.
    room = models.BigIntegerField(default=0)
    friend_room = models.BigIntegerField(default=0)
    happened_at = models.DateTimeField()

    class Meta:
        verbose_name = _("order of a back-test")
        verbose_name_plural = _("orders of back-tests")
        constraints = [
            models.UniqueConstraint(
                fields=["back_test", "member", "period_start", "order"],
                name="incentive_backtest_count_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.back_test} · {self.order}"


class BackTestMember(models.Model):
    """What a member would have got. ``amount``: money in fen; ``others`` have their worth."""

    back_test = models.ForeignKey(
        BackTest, models.CASCADE, related_name="members", db_index=False,
        verbose_name=_("back-test of an incentive"),
    )  # fmt: skip
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", db_index=False, db_constraint=False,
        verbose_name=_("member"),
    )  # fmt: skip
    awards = models.IntegerField(_("awards"), default=0)
    amount = models.BigIntegerField(_("amount"), default=0)
    points = models.BigIntegerField(_("points"), default=0)
    others = models.IntegerField(_("coupons, gifts and the like"), default=0)
    worth = models.BigIntegerField(_("worth of things"), default=0)
    unvalued = models.IntegerField(_("things without a known worth"), default=0)

    class Meta:
        verbose_name = _("member of a back-test")
        verbose_name_plural = _("members of back-tests")
        constraints = [
            models.UniqueConstraint(
                fields=["back_test", "member"], name="incentive_backtest_member_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.back_test} · {self.member}"
