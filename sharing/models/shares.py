"""A member's link for one target in one channel."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models import Member

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""Base 58: no lookalikes, and every character may stand in a scene of WeChat."""
CODE_LENGTH = 10


def new_code() -> str:
    """Return a random code of 58 bits: nobody finds a share by trying."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


class ShareQuerySet(models.QuerySet["Share"]):
    def live(self, at: datetime) -> ShareQuerySet:
        """Return the shares that open their target at a moment."""
        return self.filter(
            Q(disabled_at=None) | Q(disabled_at__gt=at),
            Q(expires_at=None) | Q(expires_at__gt=at),
            Q(member__merged_into=None) | Q(member__merged_into__closed_at=None),
            member__closed_at=None,
        )

    def of_person(self, member: Member) -> ShareQuerySet:
        """Return the shares of a member and of those merged into it."""
        return self.filter(Q(member=member) | Q(member__merged_into=member))

    def with_member(self) -> ShareQuerySet:
        return self.select_related("member__merged_into")


class Share(models.Model):
    """A link; its code is what an address or a scene of the mini-program carries.

    Only the expiry and the moment of being switched off change: what a visit was for stays.
    """

    class Target(models.TextChoices):
        PRODUCT = "product", _("product")
        HOME = "home", _("home page")
        RECRUIT = "recruit", _("recruitment")
        COUPON = "coupon", _("coupon")
        MATERIAL = "material", _("material")
        GROUP = "group", _("group-buy")
        ROLL_CALL = "roll_call", _("roll-call")

    class Channel(models.TextChoices):
        CHAT = "chat", _("WeChat chat")
        MOMENTS = "moments", _("WeChat Moments")
        GROUP = "group", _("WeChat group")
        QQ = "qq", _("QQ")
        WEIBO = "weibo", _("Weibo")
        DOUYIN = "douyin", _("Douyin")
        XIAOHONGSHU = "xiaohongshu", _("Xiaohongshu")
        POSTER = "poster", _("poster")
        OTHER = "other", _("other")

    code = models.CharField(
        _("share code"), max_length=CODE_LENGTH, unique=True, editable=False, default=new_code
    )
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="shares", verbose_name=_("member"), db_index=False
    )
    target_kind = models.CharField(_("kind of target"), max_length=9, choices=Target)
    # The public id of a row of any room; of a home page, the distributor's code.
    target_id = models.CharField(_("target"), max_length=64, blank=True)
    channel = models.CharField(_("channel"), max_length=11, choices=Channel)
    label = models.CharField(_("label"), max_length=40, blank=True)
    # The public id of the template, if a poster carries the share.
    template = models.CharField(_("poster template"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    disabled_at = models.DateTimeField(_("switched off at"), null=True, blank=True)

    objects: ClassVar[ShareQuerySet] = ShareQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_kind", "target_id"], name="share_of_target"),
            models.Index(fields=["member", "-id"], name="share_of_member"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "target_kind", "target_id", "channel", "label", "template"],
                name="share_unique",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=rf"^[{ALPHABET}]{{{CODE_LENGTH}}}$"),
                name="share_code_valid",
            ),
            models.CheckConstraint(
                condition=Q(target_kind="recruit", target_id="")
                | ~Q(target_kind="recruit") & ~Q(target_id=""),
                name="share_target_complete",
            ),
            models.CheckConstraint(
                condition=Q(
                    target_kind__in=[
                        "product", "home", "recruit", "coupon", "material", "group", "roll_call",
                    ]
                ),
                name="share_target_kind_valid",
            ),
            models.CheckConstraint(
                condition=Q(
                    channel__in=[
                        "chat", "moments", "group", "qq", "weibo", "douyin", "xiaohongshu",
                        "poster", "other",
                    ]
                ),
                name="share_channel_valid",
            ),
            models.CheckConstraint(
                condition=Q(template="") | Q(channel="poster"), name="share_template_of_poster"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="share_expires_later"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code

    @property
    def public_id(self) -> str:
        """The code: what events and other rooms call the share."""
        return self.code

    @property
    def owner(self) -> Member:
        """The member to whom the share belongs now; of a merged one, the survivor."""
        return self.member.merged_into or self.member

    def is_live(self, at: datetime) -> bool:
        """Return whether the share opens its target at a moment."""
        ends = (self.disabled_at, self.expires_at, self.owner.closed_at)
        return all(end is None or end > at for end in ends)
