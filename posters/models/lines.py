"""Recommendations that members put on their posters."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from members.models import Member

MAX_LINE = 40


class RecommendationLine(models.Model):
    """A short text, such as “Used it for a month: my skin is soft.”"""

    class Source(models.TextChoices):
        PRODUCT = "product", _("of a product")
        DISTRIBUTOR = "distributor", _("of a member")
        SUGGESTED = "suggested", _("suggested")

    source = models.CharField(
        _("source"), max_length=12, choices=Source, default=Source.SUGGESTED, editable=False
    )
    text = models.CharField(_("text"), max_length=MAX_LINE)
    product = models.ForeignKey(
        Product, models.CASCADE, null=True, blank=True, related_name="recommendation_lines",
        verbose_name=_("product"), help_text=_("Empty: for every product."),
    )  # fmt: skip
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, editable=False, related_name="recommendation_lines",
        verbose_name=_("member"),
    )  # fmt: skip
    industry = models.CharField(
        _("industry"), max_length=20, blank=True,
        help_text=_("Of the products that it suits. Empty: any."),
    )  # fmt: skip
    is_active = models.BooleanField(_("offered"), default=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)

    objects: ClassVar[models.Manager[RecommendationLine]] = models.Manager()

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "text"], name="recommendation_of_member_unique"
            ),
            models.CheckConstraint(
                condition=Q(source="product", product__isnull=False, member=None)
                | Q(source="distributor", product=None, member__isnull=False)
                | Q(source="suggested", product=None, member=None),
                name="recommendation_source_complete",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="recommendation_not_empty"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.text
