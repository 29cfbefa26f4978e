"""Texts that members agree to, and who has agreed to which version."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.people import Member


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def current(self) -> Self:
        """Return the newest published version of each kind."""
        published = self.filter(published_at__isnull=False)
        return published.order_by("kind", "-version").distinct("kind")


class Agreement(models.Model):
    """A text. It may be edited until it is published; then it has a number and never changes."""

    class Kind(models.TextChoices):
        USER = "user", _("user agreement")
        PRIVACY = "privacy", _("privacy policy")
        DISTRIBUTOR = "distributor", _("distributor agreement")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    version = models.PositiveIntegerField(_("version"), null=True, editable=False)
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("text"))
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)

    objects: ClassVar[AgreementQuerySet] = AgreementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="agreement_version_unique"),
            models.CheckConstraint(
                condition=Q(version=None, published_at=None)
                | Q(version__isnull=False, published_at__isnull=False),
                name="agreement_published_complete",
            ),
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(text=""), name="agreement_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version or '–'}"


class AgreementAcceptance(models.Model):
    """A member agreed to a version. Rows are only added."""

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="acceptances", verbose_name=_("member")
    )
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="+", verbose_name=_("agreement")
    )
    accepted_at = models.DateTimeField(_("accepted at"))

    class Meta:
        verbose_name = _("acceptance of an agreement")
        verbose_name_plural = _("acceptances of agreements")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["member", "agreement"], name="acceptance_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.agreement}"
