"""How the shop pays out: finance decides."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.only_one import OnlyOne

FROM_ONE = [MinValueValidator(1)]
YUAN = 100


class Policy(OnlyOne):
    class Regime(models.TextChoices):
        NONE = "none", _("none (never in production)")
        LABOR_PER_PAYMENT = "labor_per_payment", _("labour remuneration, by month (2018 No. 61)")
        PLATFORM_CUMULATIVE = "platform_cumulative", _("platform, cumulative (2025 No. 16)")

    least = models.BigIntegerField(_("least"), default=1 * YUAN, validators=FROM_ONE)
    most = models.BigIntegerField(_("most"), default=20_000 * YUAN, validators=FROM_ONE)
    most_a_day = models.BigIntegerField(
        _("most a day"), default=20_000 * YUAN, validators=FROM_ONE,
        help_text=_("Of one member, in fen."),
    )  # fmt: skip
    most_a_month = models.BigIntegerField(
        _("most a month"), default=100_000 * YUAN, validators=FROM_ONE,
        help_text=_("Of one member, in fen."),
    )  # fmt: skip
    fee = models.PositiveIntegerField(
        _("fee"), default=0, help_text=_("In basis points of the amount; rounded down.")
    )
    second_finance_from = models.BigIntegerField(
        _("two finance reviewers from"), null=True, blank=True, validators=FROM_ONE,
        help_text=_("In fen. Empty: one is always enough."),
    )  # fmt: skip
    id_number_from = models.BigIntegerField(
        _("ID number needed from"), default=800 * YUAN, validators=FROM_ONE,
        help_text=_("Of a member's income in a month, in fen."),
    )  # fmt: skip
    review_hours = models.PositiveIntegerField(
        _("hours for both reviews"), default=24, validators=FROM_ONE
    )
    ready_days = models.PositiveIntegerField(_("days to collect"), default=30, validators=FROM_ONE)
    regime = models.CharField(
        _("tax regime"), max_length=20, choices=Regime, default=Regime.NONE,
        help_text=_("Which one fits the company is its tax adviser's decision."),
    )  # fmt: skip
    regime_version = models.PositiveIntegerField(_("version of the regime"), default=1)

    class Meta(OnlyOne.Meta):
        verbose_name = _("payout policy")
        verbose_name_plural = _("payout policy")
        constraints = [
            *OnlyOne.Meta.constraints,
            models.CheckConstraint(
                condition=Q(least__gt=0, most__gte=F("least"), most_a_day__gt=0, most_a_month__gt=0)
                & (Q(second_finance_from=None) | Q(second_finance_from__gt=0)),
                name="payout_limits_in_order",
                violation_error_message=_("These limits contradict each other."),
            ),
            models.CheckConstraint(
                condition=Q(fee__lt=10_000),
                name="payout_fee_below_all",
                violation_error_message=_("The fee must be below the whole amount."),
            ),
            models.CheckConstraint(
                condition=Q(regime__in=["none", "labor_per_payment", "platform_cumulative"]),
                name="payout_regime_is_known",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Reason(models.Model):
    """Why a withdrawal is rejected: kept by finance, told to the member with a text beside it."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    label = models.CharField(_("reason"), max_length=80)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("reason for a rejection")
        verbose_name_plural = _("reasons for rejections")
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label
