"""The form with which members apply: its versions and their questions."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

KEY = RegexValidator(r"^[a-z][a-z0-9_]{0,31}\Z", _("Write a key in a-z, 0-9 and _."))


class ApplicationForm(models.Model):
    """A version of the form. It may be edited until it is published; then it never changes."""

    title = models.CharField(_("title"), max_length=80)
    version = models.PositiveIntegerField(_("version"), null=True, editable=False, unique=True)
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)

    class Meta:
        verbose_name = _("application form")
        verbose_name_plural = _("application forms")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(version=None, published_at=None)
                | Q(version__gt=0, published_at__isnull=False),
                name="application_form_published_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version or '–'}"

    @classmethod
    def current(cls) -> ApplicationForm | None:
        """Return the newest published version, if any."""
        return cls.objects.filter(version__isnull=False).order_by("-version").first()


class Question(models.Model):
    """A question of one version; answers are stored under its key."""

    class Kind(models.TextChoices):
        TEXT = "text", _("short text")
        LONG_TEXT = "long_text", _("long text")
        CHOICE = "choice", _("one choice")
        CHOICES = "choices", _("several choices")
        REGION = "region", _("region")
        PICTURE = "picture", _("pictures")

    WITH_OPTIONS: ClassVar = (Kind.CHOICE, Kind.CHOICES)

    form = models.ForeignKey(
        ApplicationForm, models.CASCADE, related_name="questions",
        verbose_name=_("application form"),
    )  # fmt: skip
    position = models.PositiveSmallIntegerField(_("position"))
    key = models.CharField(
        _("key"), max_length=32, validators=[KEY],
        help_text=_("Names the answer, such as “city”; in a-z, 0-9 and _."),
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    label = models.CharField(_("question"), max_length=100)
    help_text = models.CharField(_("help text"), max_length=200, blank=True)
    required = models.BooleanField(_("required"), default=False)
    choices = models.TextField(
        _("choices"), max_length=2_000, blank=True, help_text=_("One a line, of choices only.")
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["form", "key"], name="question_key_unique"),
            models.CheckConstraint(
                condition=Q(key__regex=r"^[a-z][a-z0-9_]*$"), name="question_key_valid"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["text", "long_text", "choice", "choices", "region", "picture"]
                ),
                name="question_kind_valid",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["choice", "choices"]) & ~Q(choices="")
                | ~Q(kind__in=["choice", "choices"]) & Q(choices=""),
                name="question_choices_if_chosen",
                violation_error_message=_("Choices need their lines, and other kinds have none."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def options(self) -> list[str]:
        lines = (line.strip() for line in self.choices.splitlines())
        return list(dict.fromkeys(line for line in lines if line))
