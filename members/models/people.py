# mypy: allow-any-generics
"""The people that a shop knows, and their ids elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from common.base_models import PublicIdField

if TYPE_CHECKING:
    from members.models.staff import User

DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class MemberGrade(models.Model):
    """A loyalty grade of members, ordered by rank. Distributors have levels instead."""

    rank = models.PositiveSmallIntegerField(_("rank"), unique=True)
    name = models.CharField(_("name"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
        ordering = ["rank"]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class NicknameGrams(Func):
    """The characters of a text and its pairs of characters, in lower case.

    An index holds those of all nicknames: PostgreSQL finds a part of a word without an extension.
    The function is in members/guards/nickname_grams.sql.
    """

    function = "members_nickname_grams"
    output_field = ArrayField(models.TextField())


class NicknameField(models.CharField):
    """Stores a nickname without the characters that turn around the words beside it.

    With them, the sentence behind a nickname is read from right to left: amounts, too.
    """

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options  # the same column

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        stored = self.get_prep_value(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, stored)
        return stored

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return DIRECTIONS.sub("", text) if isinstance(text, str) else text


class MemberQuerySet(models.QuerySet["Member"]):
    def visible_to(self, person: User | AnonymousUser) -> MemberQuerySet:
        """Return all members for staff with permission, else only the person's own member."""
        if person.is_staff and person.has_perm("members.view_member"):
            return self
        return self.filter(user__pk=person.pk) if person.is_authenticated else self.none()

    def with_identity(self, provider: str, external_id: str) -> MemberQuerySet:
        return self.filter(identities__provider=provider, identities__external_id=external_id)

    def nicknamed(self, part: str) -> MemberQuerySet:
        """Return the members with this part in their nicknames, whatever its case."""
        rows = self.alias(grams=NicknameGrams("nickname"))
        return rows.filter(
            grams__contains=NicknameGrams(models.Value(part)), nickname__icontains=part
        )

    def of_person(self, member: int) -> MemberQuerySet:
        """Return the member and those merged into it: rows of all of them are this person's."""
        return self.filter(Q(pk=member) | Q(merged_into=member))


class Member(models.Model):
    """A person known to the shop: a buyer, a distributor or both."""

    public_id = PublicIdField()
    nickname = NicknameField(_("nickname"), max_length=80, blank=True)
    province = models.CharField(_("province"), max_length=40, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    grade = models.ForeignKey(
        MemberGrade, models.PROTECT, null=True, blank=True, verbose_name=_("grade")
    )
    tags = models.ManyToManyField(Tag, blank=True, verbose_name=_("tags"))
    joined_at = models.DateTimeField(_("joined at"))
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged",
        db_index=False, verbose_name=_("merged into"),
    )  # fmt: skip
    merged_at = models.DateTimeField(_("merged at"), null=True, blank=True, editable=False)
    phone_encrypted = models.TextField(
        _("phone number"), blank=True, editable=False, default="", db_default=""
    )
    phone_fingerprint = models.CharField(
        _("fingerprint of the phone number"), max_length=64, blank=True, editable=False,
        default="", db_default="",
    )  # fmt: skip
    locked_at = models.DateTimeField(_("locked out at"), null=True, blank=True, editable=False)
    avatar = models.CharField(
        _("path of the approved avatar"), max_length=100, blank=True, editable=False, default="",
        db_default="",
    )  # fmt: skip
    lock_reason = models.CharField(
        _("reason of the lock-out"), max_length=200, blank=True, editable=False,
        default="", db_default="",
    )  # fmt: skip
    closed_at = models.DateTimeField(_("account closed at"), null=True, blank=True, editable=False)

    objects: ClassVar[MemberQuerySet] = MemberQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["-id"]
        permissions = [
            ("lock_member", _("Can lock members out of their accounts")),
            ("unmask_contact", _("Can see phone numbers of members")),
        ]
        indexes = [
            GinIndex(NicknameGrams("nickname"), name="member_nickname_grams"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="member_merged"
            ),
            models.Index(
                fields=["phone_fingerprint"], condition=~Q(phone_fingerprint=""),
                name="member_phone",
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None, merged_at=None)
                | Q(merged_into__isnull=False, merged_at__isnull=False) & ~Q(merged_into=F("id")),
                name="member_merged_complete",
            ),
            models.CheckConstraint(
                condition=Q(phone_encrypted="", phone_fingerprint="")
                | ~Q(phone_encrypted="") & ~Q(phone_fingerprint=""),
                name="member_phone_complete",
            ),
            models.CheckConstraint(
                condition=Q(locked_at=None, lock_reason="")
                | Q(locked_at__isnull=False) & ~Q(lock_reason=""),
                name="member_lock_complete",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None)
                | Q(nickname="", province="", city="", phone_encrypted=""),
                name="member_closed_without_profile",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(avatar=""), name="member_closed_without_avatar"
            ),
        ]

    def __str__(self) -> str:
        return self.nickname or self.public_id


class Identity(models.Model):
    """A member's id at an external provider."""

    class Provider(models.TextChoices):
        WECHAT_MINI = "wechat_mini", _("WeChat mini-program (openid)")
        WECHAT_OFFICIAL = "wechat_official", _("WeChat official account (openid)")
        WECHAT_UNION = "wechat_union", _("WeChat (unionid)")
        MALL = "mall", _("the merchant's mall")

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="identities", verbose_name=_("member")
    )
    provider = models.CharField(_("provider"), max_length=20, choices=Provider)
    external_id = models.CharField(_("external id"), max_length=128)
    moved_from = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("moved from"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            models.UniqueConstraint("provider", "external_id", name="identity_external_id_unique"),
            models.CheckConstraint(
                condition=~Q(external_id=""), name="identity_external_id_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {self.external_id}"
