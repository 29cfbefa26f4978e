"""Back-tests: what a plan would have paid for the orders of the last days, beside what was paid."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from commissions.models.plan import Plan
from common.base_models import PublicIdField


class BackTest(models.Model):
    """A comparison that a worker computes, batch by batch; ``cursor`` is the last order read.

    All amounts in fen, of what is left after refunds.
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
    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="back_tests", db_index=False,
        verbose_name=_("commission plan"),
    )  # fmt: skip
    # Of the plan when the test was requested: a draft may be edited meanwhile.
    terms = models.JSONField(_("terms"))
    requested_by = models.ForeignKey(
        "members.User", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("requested by"),
    )  # fmt: skip
    requested_at = models.DateTimeField(_("requested at"))
    days = models.PositiveSmallIntegerField(_("days"))
    since = models.DateTimeField(_("orders from"))
    until = models.DateTimeField(_("orders until"))
    # The orders are computed as if the first day were this one, so that dates and boosts count.
    replayed_from = models.DateTimeField(_("replayed from"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    cursor = models.BigIntegerField(default=0)
    first_order = models.BigIntegerField(default=0)
    last_order = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    orders = models.IntegerField(_("orders"), default=0)
    lines = models.IntegerField(_("order lines"), default=0)
    lines_without_cost = models.IntegerField(_("order lines without a cost"), default=0)
    sales = models.BigIntegerField(_("sales"), default=0)
    # Of the lines whose cost is known: sales, cost, and the commissions before and after.
    known_sales = models.BigIntegerField(default=0)
    known_cost = models.BigIntegerField(default=0)
    known_old = models.BigIntegerField(default=0)
    known_new = models.BigIntegerField(default=0)
    # {asset: [tier 1 before, tier 2 before, tier 1 after, tier 2 after]}
    totals = models.JSONField(_("totals"), default=dict)

    class Meta:
        verbose_name = _("back-test")
        verbose_name_plural = _("back-tests")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan"], condition=Q(finished_at=None),
                name="backtest_one_open_per_plan",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "failed"]),
                name="backtest_status_valid",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], finished_at=None)
                | Q(status__in=["done", "failed"], finished_at__isnull=False),
                name="backtest_finished_has_time",
            ),
            models.CheckConstraint(
                condition=Q(since__lt=F("until"), days__gt=0), name="backtest_has_days"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.plan} · {self.days}"

    @property
    def is_open(self) -> bool:
        return self.status in self.EDITABLE_IN

    @property
    def progress(self) -> int:
        """The percentage of the orders' keys that are read."""
        if not self.is_open:
            return 100
        keys = self.last_order - self.first_order + 1
        read = max(0, self.cursor - self.first_order + 1)
        return min(99, read * 100 // keys) if keys > 0 and self.last_order else 0


class BackTestPart(models.Model):
    """Commissions before and after: of money in fen, and of points."""

    old = models.BigIntegerField(default=0)
    new = models.BigIntegerField(default=0)
    old_points = models.BigIntegerField(default=0)
    new_points = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class BackTestDistributor(BackTestPart):
    """A distributor's part of a back-test."""

    back_test = models.ForeignKey(
        BackTest, models.CASCADE, related_name="distributors", db_index=False,
        verbose_name=_("back-test"),
    )  # fmt: skip
    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="+", db_index=False,
        db_constraint=False, verbose_name=_("distributor"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("distributor of a back-test")
        verbose_name_plural = _("distributors of back-tests")
        constraints = [
            models.UniqueConstraint(
                fields=["back_test", "distributor"], name="backtest_distributor_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.back_test} · {self.distributor}"


class BackTestProduct(BackTestPart):
    """A product's part of a back-test, with its sales in fen."""

    back_test = models.ForeignKey(
        BackTest, models.CASCADE, related_name="products", db_index=False,
        verbose_name=_("back-test"),
    )  # fmt: skip
    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, related_name="+", db_index=False, db_constraint=False,
        verbose_name=_("product"),
    )  # fmt: skip
    sales = models.BigIntegerField(_("sales"), default=0)

    class Meta:
        verbose_name = _("product of a back-test")
        verbose_name_plural = _("products of back-tests")
        constraints = [
            models.UniqueConstraint(fields=["back_test", "product"], name="backtest_product_unique")
        ]

    def __str__(self) -> str:
        return f"{self.back_test} · {self.product}"
