"""The policy for recruiting and binding, set by operations."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import Singleton

POSITIVE = [MinValueValidator(1)]
MAX_DAYS = 36_500  # a century
DAYS_VALIDATORS = [*POSITIVE, MaxValueValidator(MAX_DAYS)]


class Policy(Singleton):
    """How applications are decided and when referrals bind."""

    class Applications(models.TextChoices):
        OPEN = "open", _("approved at once")
        REVIEW = "review", _("after a review")

    class BindingTrigger(models.TextChoices):
        FIRST_VISIT = "first_visit", _("at the first visit")
        FIRST_ORDER = "first_order", _("at the first order")

    class BindingAudience(models.TextChoices):
        UNBOUND = "unbound", _("anyone without an upline")
        NEW = "new", _("new members only")

    applications = models.CharField(
        _("who may become a distributor"), max_length=10, choices=Applications,
        default=Applications.REVIEW,
    )  # fmt: skip
    fast_track_spend = models.BigIntegerField(
        _("fast track by protected spend"), null=True, blank=True, validators=POSITIVE,
        help_text=_("Members with this protected spend need no review. Empty: nobody."),
    )  # fmt: skip
    fast_track_buyers = models.PositiveIntegerField(
        _("fast track by referred buyers"), null=True, blank=True, validators=POSITIVE,
        help_text=_(
            "Members who referred this many buyers with a protected order need no review."
            " Empty: nobody."
        ),
    )  # fmt: skip
    binding_trigger = models.CharField(
        _("when a referral binds"),
        max_length=12,
        choices=BindingTrigger,
        default=BindingTrigger.FIRST_VISIT,
    )
    binding_audience = models.CharField(
        _("members that a referral binds"),
        max_length=8,
        choices=BindingAudience,
        default=BindingAudience.UNBOUND,
    )
    binding_days = models.PositiveIntegerField(
        _("days a binding lasts"), null=True, blank=True, validators=DAYS_VALIDATORS,
        help_text=_("Empty: forever."),
    )  # fmt: skip
    renewed_by_orders = models.BooleanField(_("each order renews the binding"), default=False)
    poach_after_days = models.PositiveIntegerField(
        _("days without an order after which another may bind"), null=True, blank=True,
        validators=DAYS_VALIDATORS, help_text=_("Empty: never."),
    )  # fmt: skip

    class Meta(Singleton.Meta):
        verbose_name = _("distribution policy")
        verbose_name_plural = _("distribution policy")
        constraints = [
            *Singleton.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(binding_days=0) & ~Q(poach_after_days=0) & ~Q(fast_track_buyers=0),
                name="policy_counts_positive",
            ),
            models.CheckConstraint(
                condition=Q(fast_track_spend__gt=0), name="policy_spend_positive"
            ),
            models.CheckConstraint(
                condition=(Q(binding_days=None) | Q(binding_days__lte=MAX_DAYS))
                & (Q(poach_after_days=None) | Q(poach_after_days__lte=MAX_DAYS)),
                name="policy_days_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
