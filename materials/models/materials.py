"""Official pictures, videos and texts, and the files that belong to them."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from materials.models.publishing import Published, PublishedQuerySet, running

MAX_TEXT = 2_000


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self, at: datetime) -> Self:
        return self.filter(running(at))


class Campaign(models.Model):
    """A promotion whose materials belong together; members see them while it runs."""

    public_id = PublicIdField()
    name = models.CharField(_("name"), max_length=60, unique=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    starts_at = models.DateTimeField(
        _("starts at"), null=True, blank=True, help_text=_("Empty: at once.")
    )
    ends_at = models.DateTimeField(
        _("ends at"), null=True, blank=True, help_text=_("Empty: without an end.")
    )

    objects: ClassVar[CampaignQuerySet] = CampaignQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="campaign_has_a_name"),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="campaign_ends_after_start",
                violation_error_message=_("The end must be later than the start."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MaterialQuerySet(PublishedQuerySet["Material"]):
    def in_season(self, at: datetime) -> Self:
        """Leave out what belongs to a campaign that does not run or a product that is not sold."""
        running = Q(campaign=None) | Q(campaign__in=Campaign.objects.running(at))
        return self.filter(running, Q(product=None) | Q(product__status="on_sale"))

    def matching(
        self, *, kind: str = "", product: str = "", campaign: str = "", search: str = ""
    ) -> Self:
        """Filter by kind, public id of the product or campaign, and words of title and text."""
        given = {"kind": kind, "product__public_id": product, "campaign__public_id": campaign}
        rows = self.filter(**{name: value for name, value in given.items() if value})
        for word in search.split():
            rows = rows.filter(Q(title__icontains=word) | Q(text__icontains=word))
        return rows

    def with_figures(self) -> Self:
        """Add ``copies`` and ``downloads``, which lag behind by a minute."""
        own = MaterialDay.objects.filter(material=models.OuterRef("pk"))
        days = own.order_by().values("material")

        def total(column: str) -> Coalesce:
            summed = models.Subquery(days.annotate(total=Sum(column)).values("total"))
            return Coalesce(summed, 0)

        return self.annotate(copies=total("copies"), downloads=total("downloads"))


class Material(Published):
    """A post that distributors may forward: a text, or up to nine pictures or a video with one."""

    class Kind(models.TextChoices):
        IMAGE = "image", _("pictures")
        VIDEO = "video", _("video")
        COPY = "copy", _("text")

    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    title = models.CharField(_("title"), max_length=60)
    text = models.TextField(
        _("text to copy"), max_length=MAX_TEXT, blank=True,
        help_text=_("What distributors paste beside the pictures. Forbidden words are refused."),
    )  # fmt: skip
    product = models.ForeignKey(
        "catalog.Product", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("product"),
        help_text=_("Members see it while the product is on sale."),
    )  # fmt: skip
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="materials",
        verbose_name=_("campaign"),
    )  # fmt: skip

    objects: ClassVar[MaterialQuerySet] = MaterialQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["-published_at", "-id"], condition=Q(status="published"),
                name="material_published",
            ),
        ]  # fmt: skip
        constraints = [
            *Published.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=["image", "video", "copy"]), name="material_kind_is_known"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="material_has_a_title"),
            models.CheckConstraint(
                condition=~Q(kind="copy") | ~Q(text=""), name="material_copy_has_a_text",
                violation_error_message=_("A text to copy is missing."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class MaterialFile(models.Model):
    """A picture or a video in Django's default storage. The picture of a video is its cover.

    The row is written before its file and deleted after it, so that no file is without a row.
    """

    class Kind(models.TextChoices):
        PICTURE = "picture", _("picture")
        VIDEO = "video", _("video")

    class Status(models.TextChoices):
        WRITING = "writing", _("being written")
        STORED = "stored", _("stored")
        REMOVED = "removed", _("to be erased")

    class Variant(models.TextChoices):
        """The stored variants of a file; a video only has the full one."""

        FULL = "full", _("full size")
        PREVIEW = "preview", _("preview")
        CHAT = "chat", _("picture of a chat card")
        SQUARE = "square", _("square picture")

    COMES_FROM: ClassVar = {
        Status.STORED: [Status.WRITING],
        Status.REMOVED: [Status.WRITING, Status.STORED],
    }

    public_id = PublicIdField()
    material = models.ForeignKey(
        Material, models.PROTECT, related_name="files", verbose_name=_("material")
    )
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, editable=False)
    status = models.CharField(
        _("status"), max_length=7, choices=Status, default=Status.WRITING, editable=False
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    path = models.CharField(_("path"), max_length=100, unique=True, editable=False)
    sha256 = models.CharField(_("SHA-256 of what was sent"), max_length=64, editable=False)
    size = models.PositiveIntegerField(_("bytes stored"), editable=False)
    width = models.PositiveIntegerField(_("width"), default=0, editable=False)
    height = models.PositiveIntegerField(_("height"), default=0, editable=False)
    created_at = models.DateTimeField(_("uploaded at"), editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["position", "id"]
        indexes = [
            models.Index(
                fields=["created_at"], condition=~Q(status="stored"), name="material_file_work"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["picture", "video"]), name="material_file_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["writing", "stored", "removed"]),
                name="material_file_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0)
                & (
                    Q(kind="picture", width__gt=0, height__gt=0)
                    | Q(kind="video", width=0, height=0)
                ),
                name="material_file_measured",
            ),
            models.UniqueConstraint(
                fields=["material", "sha256"], condition=Q(status="stored"),
                name="material_file_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.position}"

    @property
    def is_picture(self) -> bool:
        return self.kind == self.Kind.PICTURE

    @property
    def content_type(self) -> str:
        return "image/jpeg" if self.is_picture else "video/mp4"

    def path_of(self, variant: str) -> str:
        """Return where a variant is stored."""
        if variant == self.Variant.FULL:
            return self.path
        return str(PurePosixPath(self.path).with_suffix("")) + f"-{variant}.jpg"

    @property
    def paths(self) -> list[str]:
        """All paths of the file."""
        variants = self.Variant if self.is_picture else [self.Variant.FULL]
        return [self.path_of(variant) for variant in variants]


class MaterialUse(models.Model):
    """A member copied or downloaded a material on a day, any number of times.

    The member is removed when the account is closed, the row after half a year.
    """

    class Action(models.TextChoices):
        COPY = "copy", _("copied")
        DOWNLOAD = "download", _("downloaded")

    material = models.ForeignKey(
        Material, models.PROTECT, related_name="+", db_index=False, verbose_name=_("material")
    )
    member = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, related_name="+", verbose_name=_("member")
    )
    action = models.CharField(_("action"), max_length=8, choices=Action)
    day = models.DateField(_("day"))
    # In the totals of ``MaterialDay``.
    is_counted = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("use of a material")
        verbose_name_plural = _("uses of materials")
        indexes = [
            models.Index(fields=["id"], condition=Q(is_counted=False), name="material_use_new"),
            models.Index(fields=["day"], name="material_use_age"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["material", "member", "action", "day"], name="material_use_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(action__in=["copy", "download"]), name="material_use_action_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material_id} {self.action} {self.day}"


class MaterialDay(models.Model):
    """How many members copied and downloaded a material on a day."""

    material = models.ForeignKey(
        Material, models.PROTECT, related_name="days", db_index=False, verbose_name=_("material")
    )
    day = models.DateField(_("day"))
    copies = models.PositiveIntegerField(_("copies"), default=0)
    downloads = models.PositiveIntegerField(_("downloads"), default=0)

    class Meta:
        verbose_name = _("day of a material")
        verbose_name_plural = _("days of materials")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["material", "day"], name="material_day_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.material_id} {self.day}"
