"""Proofs: pictures that members hand in and operations approve."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField
from incentives.models.incentive import Incentive
from members.models import Member


class ProofQuerySet(models.QuerySet["Proof"]):
    def open(self) -> ProofQuerySet:
        return self.filter(status=Proof.Status.OPEN)

    def visible_to(self, member: Member) -> ProofQuerySet:
        """Limit to a person's own proofs."""
        return self.filter(member__in=Member.objects.of_person(member.pk).values("pk"))


class Proof(models.Model):
    """A picture as proof of something done for an incentive. One picture serves once."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    COMES_FROM: ClassVar = {Status.APPROVED: [Status.OPEN], Status.REJECTED: [Status.OPEN]}
    EDITABLE_IN: ClassVar = ()

    public_id = PublicIdField()
    incentive = models.ForeignKey(
        Incentive, models.PROTECT, related_name="proofs", verbose_name=_("incentive")
    )
    member = models.ForeignKey(
        "members.Member", models.PROTECT, related_name="+", verbose_name=_("member")
    )
    upload = models.ForeignKey(
        "members.Upload", models.PROTECT, related_name="+", db_index=False,
        verbose_name=_("picture"),
    )  # fmt: skip
    # Of the decoded picture, so that another file of the same picture counts as the same.
    picture_hash = models.CharField(_("hash of the picture"), max_length=64)
    # See ``incentives.pictures``: these recognize it in another size or quality.
    picture_cells = models.BinaryField(_("shades of the picture"), default=b"", db_default=b"")
    brightness = models.SmallIntegerField(_("brightness of the picture"), default=0, db_default=0)
    text = models.CharField(_("text"), max_length=200, blank=True)
    handed_in_at = models.DateTimeField(_("handed in at"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        "members.User", models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("decided by"),
    )  # fmt: skip

    objects: ClassVar[ProofQuerySet] = ProofQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")
        ordering = ["-id"]
        permissions: ClassVar = [("decide_proof", "Can decide about proofs")]
        indexes = [
            models.Index("id", condition=Q(status="open"), name="proof_open"),
            models.Index(fields=["brightness"], name="proof_by_brightness"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["picture_hash"], condition=~Q(status="rejected"),
                name="proof_picture_used_once",
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at=None, decided_by=None, reason="")
                | Q(status="approved", decided_at__isnull=False, decided_by__isnull=False)
                | Q(status="rejected", decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(reason=""),
                name="proof_decision_complete",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "approved", "rejected"]),
                name="proof_status_is_known",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.incentive} · {self.member}"
