"""What distributors sold and earned, by period."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.chart import Asset


class Sums(models.Model):
    """The figures, in minor units of the asset; sales in fen after refunds.

    ``orders`` and ``sales`` are the distributor's own (tier 1), ``team_…`` those of tier 2.
    ``returned``: what was refunded of own sales, in fen.
    ``pending``, ``protected`` and ``credited`` are what the commissions are now: they have no day
    and stand only in the rows of the whole life.
    """

    FIGURES = (
        "orders", "sales", "team_orders", "team_sales", "income", "team_income", "returned",
        "pending", "protected", "credited",
    )  # fmt: skip

    asset = models.CharField(_("asset"), max_length=12, choices=Asset)
    orders = models.IntegerField(_("orders"), default=0)
    sales = models.BigIntegerField(_("sales"), default=0)
    team_orders = models.IntegerField(_("orders of the team"), default=0)
    team_sales = models.BigIntegerField(_("sales of the team"), default=0)
    income = models.BigIntegerField(_("own commissions"), default=0)
    team_income = models.BigIntegerField(_("commissions of the team"), default=0)
    returned = models.BigIntegerField(_("refunded sales"), default=0, db_default=0)
    pending = models.BigIntegerField(_("pending"), default=0)
    protected = models.BigIntegerField(_("protected"), default=0)
    credited = models.BigIntegerField(_("credited"), default=0)

    class Meta:
        abstract = True


class Delta(Sums):
    """What one statement changed, until it is folded into the periods.

    Triggers write it in the transaction of the change: see reports/guards/deltas.sql.
    ``day``: the day of payment in Shanghai; none for changes of status.
    """

    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="+", db_constraint=False,
        verbose_name=_("distributor"),
    )  # fmt: skip
    day = models.DateField(_("day"), null=True)

    class Meta:
        verbose_name = _("change of figures")
        verbose_name_plural = _("changes of figures")

    def __str__(self) -> str:
        return f"{self.distributor_id} {self.day}"


class PeriodFigures(Sums):
    """The figures of a distributor in a period, without what is not folded yet."""

    class Period(models.TextChoices):
        DAY = "day", _("day")
        WEEK = "week", _("week")
        MONTH = "month", _("month")
        ALL = "all", _("whole life")

    distributor = models.ForeignKey(
        "distribution.Distributor", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("distributor"),
    )  # fmt: skip
    period = models.CharField(_("period"), max_length=5, choices=Period)
    start = models.DateField(_("first day"))
    total_income = models.GeneratedField(
        verbose_name=_("all commissions"),
        expression=models.F("income") + models.F("team_income"),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("figures of a period")
        verbose_name_plural = _("figures of periods")
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "period", "start", "asset"], name="period_figures_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(period="all", start="1970-01-01") | ~models.Q(period="all"),
                name="period_figures_whole_life_has_one_start",
            ),
        ]
        # Leaderboards read the first rows of one period.
        indexes = [
            models.Index(
                "period", "start", "asset", models.F(metric).desc(), "distributor",
                name=f"period_figures_{metric}",
            )
            for metric in ("sales", "orders", "total_income")
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.distributor_id} {self.period} {self.start}"
