"""Settings of shares: how long they last, and the landing page of each kind of target."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import Singleton
from sharing.models.shares import Share

MAX_DAYS = 36_500  # a century


class SharingPolicy(Singleton):
    """The one row of settings of shares."""

    share_days = models.PositiveIntegerField(
        _("days a share lasts"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_DAYS)],
        help_text=_("Counted from the last time that its member asked for it. Empty: forever."),
    )  # fmt: skip

    class Meta(Singleton.Meta):
        verbose_name = _("sharing policy")
        verbose_name_plural = _("sharing policy")
        constraints = [
            *Singleton.Meta.constraints,
            models.CheckConstraint(
                condition=Q(share_days=None) | Q(share_days__gte=1, share_days__lte=MAX_DAYS),
                name="sharing_policy_days_valid",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class LandingPolicy(models.Model):
    """The landing page of a kind of target, if it is not ours."""

    kind = models.CharField(
        _("kind of target"), max_length=9, choices=Share.Target, primary_key=True
    )
    url = models.CharField(
        _("address of the mall's page"), max_length=300, blank=True,
        help_text=_(
            "Such as https://mall.example.com/goods/{sku}?share={code}. It may have {sku}, {id} and"
            " {code}. Empty: our own page."
        ),
    )  # fmt: skip
    mini_path = models.CharField(
        _("path in the mini-program"), max_length=300, blank=True,
        help_text=_(
            "Such as pages/goods/detail?sku={sku}&share={code}. It may have {sku}, {id} and {code}."
            " Empty: the product's own path, else the page of shares."
        ),
    )  # fmt: skip

    class Meta:
        verbose_name = _("landing page")
        verbose_name_plural = _("landing pages")
        ordering = ["kind"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "product", "home", "recruit", "coupon", "material", "group", "roll_call",
                    ]
                ),
                name="landing_kind_valid",
            ),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__startswith="https://") | Q(url__regex=r"^/[^/\\]"),
                name="landing_url_valid",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.get_kind_display())
