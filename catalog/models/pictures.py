"""Pictures of products."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.goods import Product
from common.base_models import PublicIdField

PICTURE_FOLDER = "products"
FROM_MALL = 100
"""The first position of the mall's pictures; uploaded ones come before."""


class ProductPictureQuerySet(models.QuerySet["ProductPicture"]):
    def shown(self) -> Self:
        """Return the stored pictures in the order in which they are shown."""
        return self.filter(status=ProductPicture.Status.STORED).order_by(
            "product_id", "position", "pk"
        )

    def due(self, at: datetime) -> Self:
        """Return the pictures that are to be fetched now."""
        waiting = self.filter(status=ProductPicture.Status.WAITING, due_at__lte=at)
        return waiting.exclude(source_url="")


class ProductPicture(models.Model):
    """A picture of a product: fetched from an address of the mall, or uploaded by the staff.

    The files are named after their content, so that an address always shows the same.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("to be fetched")
        STORED = "stored", _("stored")
        FAILED = "failed", _("not fetched")
        REMOVED = "removed", _("removed")
        ERASING = "erasing", _("being erased")

    COMES_FROM: ClassVar = {
        Status.WAITING: [Status.FAILED],
        Status.STORED: [Status.WAITING],
        Status.FAILED: [Status.WAITING],
        Status.REMOVED: [Status.WAITING, Status.STORED, Status.FAILED],
        Status.ERASING: [Status.REMOVED],
    }
    LISTED: ClassVar = (Status.WAITING, Status.STORED, Status.FAILED)

    public_id = PublicIdField()
    product = models.ForeignKey(
        Product, models.CASCADE, related_name="pictures", verbose_name=_("product")
    )
    position = models.PositiveSmallIntegerField(
        _("position"), help_text=_("The lowest is the main picture.")
    )
    source_url = models.CharField(_("address at the mall"), max_length=500, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    due_at = models.DateTimeField(_("to be fetched at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failed_at = models.DateTimeField(_("failed at"), null=True)
    reason = models.CharField(_("reason"), max_length=20, blank=True)
    stored_at = models.DateTimeField(_("stored at"), null=True)
    removed_at = models.DateTimeField(_("removed at"), null=True)
    sha256 = models.CharField(_("SHA-256 of the stored picture"), max_length=64, blank=True)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)

    objects: ClassVar[ProductPictureQuerySet] = ProductPictureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("picture of a product")
        verbose_name_plural = _("pictures of products")
        ordering = ["product", "position", "id"]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="waiting"), name="picture_due_idx"),
            models.Index(
                fields=["removed_at"],
                condition=Q(status__in=["removed", "erasing"]),
                name="picture_removed_idx",
            ),
            models.Index(fields=["sha256"], condition=~Q(sha256=""), name="picture_sha256_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "stored", "failed", "removed", "erasing"]),
                name="picture_status_valid",
            ),
            models.CheckConstraint(
                condition=~Q(status="waiting")
                | Q(due_at__isnull=False) & (~Q(source_url="") | ~Q(sha256="")),
                name="picture_waiting_has_source",
            ),
            models.CheckConstraint(
                condition=~Q(status="stored")
                | ~Q(sha256="") & Q(width__gt=0, height__gt=0, stored_at__isnull=False),
                name="picture_stored_has_file",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | Q(failed_at__isnull=False) & ~Q(reason=""),
                name="picture_failed_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["removed", "erasing"], removed_at__isnull=False)
                | ~Q(status__in=["removed", "erasing"]) & Q(removed_at=None),
                name="picture_removed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(source_url="", position__lt=FROM_MALL)
                | ~Q(source_url="") & Q(position__gte=FROM_MALL),
                name="picture_uploads_come_first",
            ),
            models.UniqueConstraint(
                fields=["product", "source_url"],
                condition=~Q(source_url="") & Q(status__in=["waiting", "stored", "failed"]),
                name="picture_address_once",
            ),
            models.UniqueConstraint(
                fields=["product", "sha256"],
                condition=Q(source_url="", status__in=["waiting", "stored"]),
                name="picture_upload_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.product} {self.position}"

    @property
    def path(self) -> str:
        """The path of the picture, at most 1080 pixels wide and high; empty without a file."""
        return self._path("")

    @property
    def chat_path(self) -> str:
        """The path of its cut for a card in a chat, 750 × 600."""
        return self._path("-chat")

    @property
    def square_path(self) -> str:
        """The path of its cut for Moments, 600 × 600."""
        return self._path("-square")

    def _path(self, cut: str) -> str:
        return f"{PICTURE_FOLDER}/{self.sha256}{cut}.jpg" if self.sha256 else ""
