"""The payout policy and the reasons for rejections, maintained by finance."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.base_models import Singleton

POSITIVE = [MinValueValidator(1)]
YUAN = 100


class Policy(Singleton):
    class Regime(models.TextChoices):
        NONE = "none", _("none (never in production)")
        LABOR_PER_PAYMENT = "labor_per_payment", _("labour remuneration, by month (2018 No. 61)")
        PLATFORM_CUMULATIVE = "platform_cumulative", _("platform, cumulative (2025 No. 16)")

    min_amount = models.BigIntegerField(_("minimum amount"), default=1 * YUAN, validators=POSITIVE)
    max_amount = models.BigIntegerField(
        _("maximum amount"), default=20_000 * YUAN, validators=POSITIVE
    )
    max_per_day = models.BigIntegerField(
        _("maximum a day"), default=20_000 * YUAN, validators=POSITIVE,
        help_text=_("Of one member, in fen."),
    )  # fmt: skip
    max_per_month = models.BigIntegerField(
        _("maximum a month"), default=100_000 * YUAN, validators=POSITIVE,
        help_text=_("Of one member, in fen."),
    )  # fmt: skip
    fee = models.PositiveIntegerField(
        _("fee"), default=0, help_text=_("In basis points of the amount; rounded down.")
    )
    second_finance_threshold = models.BigIntegerField(
        _("two finance reviewers from"), null=True, blank=True, validators=POSITIVE,
        help_text=_("In fen. Empty: one is always enough."),
    )  # fmt: skip
    id_number_threshold = models.BigIntegerField(
        _("ID number needed from"), default=800 * YUAN, validators=POSITIVE,
        help_text=_("Of a member's income in a month, in fen."),
    )  # fmt: skip
    store_credit = models.BooleanField(
        _("withdraw into store credit"), default=False, db_default=False,
        help_text=_("Members may turn cash into store credit, after the same reviews and tax."),
    )  # fmt: skip
    authorizations = models.BooleanField(
        _("payouts without confirmation"), default=False, db_default=False,
        help_text=_("Members may allow WeChat Pay to pay them without confirming each payout."),
    )  # fmt: skip
    review_hours = models.PositiveIntegerField(
        _("hours for both reviews"), default=24, validators=POSITIVE
    )
    ready_days = models.PositiveIntegerField(_("days to collect"), default=30, validators=POSITIVE)
    regime = models.CharField(
        _("tax regime"), max_length=20, choices=Regime, default=Regime.NONE,
        help_text=_("The company's tax adviser decides which one applies."),
    )  # fmt: skip
    regime_version = models.PositiveIntegerField(_("version of the regime"), default=1)

    class Meta(Singleton.Meta):
        verbose_name = _("payout policy")
        verbose_name_plural = _("payout policy")
        constraints = [
            *Singleton.Meta.constraints,
            models.CheckConstraint(
                condition=Q(
                    min_amount__gt=0,
                    max_amount__gte=F("min_amount"),
                    max_per_day__gt=0,
                    max_per_month__gt=0,
                )
                & (Q(second_finance_threshold=None) | Q(second_finance_threshold__gt=0)),
                name="payout_limits_consistent",
                violation_error_message=_("The limits contradict each other."),
            ),
            models.CheckConstraint(
                condition=Q(fee__lt=10_000),
                name="payout_fee_below_whole",
                violation_error_message=_("The fee must be below the whole amount."),
            ),
            models.CheckConstraint(
                condition=Q(regime__in=["none", "labor_per_payment", "platform_cumulative"]),
                name="payout_regime_valid",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class RejectionReason(models.Model):
    """A reason for rejections, shown to the member with a note beside it."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    label = models.CharField(_("reason"), max_length=80)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("reason for a rejection")
        verbose_name_plural = _("reasons for rejections")
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label
