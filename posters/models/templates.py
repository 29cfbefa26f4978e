"""Templates of posters, and the versions of their documents."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField


class PosterTemplateQuerySet(models.QuerySet["PosterTemplate"]):
    def offered(self) -> PosterTemplateQuerySet:
        """Filter those that members may choose."""
        return self.filter(is_active=True, current_version__isnull=False)


class PosterTemplate(models.Model):
    """A design that members choose; its documents are its versions."""

    class Kind(models.TextChoices):
        PRODUCT = "product", _("product")
        HOME = "home", _("home page")
        RECRUIT = "recruit", _("recruitment")

    public_id = PublicIdField()
    code = models.SlugField(
        _("code"), max_length=40, unique=True,
        help_text=_("Names it in files and commands, such as beauty-soft."),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PRODUCT)
    name = models.CharField(_("name"), max_length=40)
    industry = models.CharField(
        _("industry"), max_length=20, blank=True,
        help_text=_("Products of this industry are offered it first. Empty: any."),
    )  # fmt: skip
    is_active = models.BooleanField(_("offered"), default=True)
    sort = models.PositiveSmallIntegerField(
        _("position"), default=100, help_text=_("Smaller numbers are offered first.")
    )
    current_version = models.ForeignKey(
        "posters.PosterTemplateVersion", models.PROTECT, null=True, editable=False,
        related_name="+", db_index=False, verbose_name=_("published version"),
    )  # fmt: skip

    objects: ClassVar[PosterTemplateQuerySet] = PosterTemplateQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("poster template")
        verbose_name_plural = _("poster templates")
        ordering = ["kind", "sort", "id"]
        permissions = [("publish_postertemplate", _("Can publish poster templates"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["product", "home", "recruit"]),
                name="poster_template_kind_valid",
            ),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name=""), name="poster_template_named"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PosterTemplateVersion(models.Model):
    """A document as it was saved. It never changes: posters and caches refer to it."""

    template = models.ForeignKey(
        PosterTemplate, models.PROTECT, related_name="versions", db_index=False,
        verbose_name=_("poster template"),
    )  # fmt: skip
    number = models.PositiveIntegerField(_("version"))
    document = models.JSONField(_("document"))
    sha256 = models.CharField("SHA-256", max_length=64)
    created_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("saved by"), help_text=_("Empty for templates that ship with Twotier."),
    )  # fmt: skip
    created_at = models.DateTimeField(_("saved at"))
    published_at = models.DateTimeField(_("first published at"), null=True)
    thumbnail = models.CharField(_("path of the thumbnail"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("version of a poster template")
        verbose_name_plural = _("versions of poster templates")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "number"], name="poster_version_number_unique"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="poster_version_number_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} · {self.number}"
