"""Pictures that members upload."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from members.models.people import Member


class UploadQuerySet(models.QuerySet["Upload"]):
    def of_person(self, member: Member) -> Self:
        """Return the uploads of a member and of those merged into it."""
        return self.filter(Q(member=member) | Q(member__merged_into=member))

    def readable(self) -> Self:
        return self.exclude(status__in=Upload.NOT_READABLE)


class Upload(models.Model):
    """A picture, and what became of it. The file is at ``path`` of Django's default storage.

    An avatar is checked by WeChat once it is chosen. The row stays after its file was erased,
    because cases refer to it.
    """

    class Purpose(models.TextChoices):
        AVATAR = "avatar", _("avatar")
        APPLICATION = "application", _("application to become a distributor")
        REFUND = "refund", _("refund")
        CLAIM = "claim", _("claim")
        PROOF = "proof", _("proof")

    class Status(models.TextChoices):
        WRITING = "writing", _("being written")
        STORED = "stored", _("not used yet")
        USED = "used", _("used")
        PENDING = "pending", _("being checked")
        APPROVED = "approved", _("approved")
        BLOCKED = "blocked", _("blocked")
        REMOVED = "removed", _("to be erased")
        ERASED = "erased", _("erased")

    COMES_FROM: ClassVar = {
        Status.STORED: [Status.WRITING],
        Status.USED: [Status.STORED],
        Status.PENDING: [Status.STORED],
        Status.APPROVED: [Status.STORED, Status.PENDING],
        Status.BLOCKED: [Status.PENDING],
        Status.REMOVED: [
            Status.WRITING, Status.STORED, Status.USED, Status.PENDING, Status.APPROVED,
            Status.BLOCKED,
        ],
        Status.ERASED: [Status.REMOVED],
    }  # fmt: skip
    NOT_READABLE: ClassVar = (Status.WRITING, Status.REMOVED, Status.ERASED)
    OF_AVATARS: ClassVar = (Status.PENDING, Status.APPROVED, Status.BLOCKED)
    """Statuses of an avatar that the member has chosen."""

    public_id = PublicIdField()
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="uploads", verbose_name=_("member")
    )
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WRITING)
    path = models.CharField(_("path"), max_length=100, blank=True)
    sha256 = models.CharField(_("SHA-256 of what was sent"), max_length=64, blank=True)
    size = models.PositiveIntegerField(_("bytes stored"))
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    trace_id = models.CharField(_("WeChat's id of the check"), max_length=64, blank=True)
    asked_at = models.DateTimeField(_("WeChat was asked at"), null=True)
    created_at = models.DateTimeField(_("uploaded at"))

    objects: ClassVar[UploadQuerySet] = UploadQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["status", "created_at"],
                condition=Q(status__in=("writing", "stored", "pending", "removed")),
                name="upload_work",
            ),
            models.Index(fields=["trace_id"], condition=~Q(trace_id=""), name="upload_trace"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    purpose__in=("avatar", "application", "refund", "claim", "proof")
                ),
                name="upload_purpose_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=(
                        "writing", "stored", "used", "pending", "approved", "blocked", "removed",
                        "erased",
                    )
                ),
                name="upload_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(purpose="avatar") & ~Q(status="used")
                | ~Q(purpose="avatar") & ~Q(status__in=("pending", "approved", "blocked")),
                name="upload_checked_if_avatar",
            ),
            models.CheckConstraint(
                condition=Q(status="erased", path="", sha256="")
                | ~Q(status="erased") & ~Q(path="") & ~Q(sha256=""),
                name="upload_erased_without_file",
            ),
            models.CheckConstraint(
                condition=Q(size__gt=0, width__gt=0, height__gt=0), name="upload_not_empty"
            ),
            models.UniqueConstraint(
                fields=["path"], condition=~Q(path=""), name="upload_path_unique"
            ),
            models.UniqueConstraint(
                fields=["member", "purpose", "sha256"], condition=Q(status="stored"),
                name="upload_unused_once",
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(status="approved"), name="upload_one_avatar"
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(status__in=("pending", "blocked")),
                name="upload_one_new_avatar",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.public_id)
