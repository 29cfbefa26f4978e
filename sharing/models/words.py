"""Words that nothing may say which distributors publish."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ForbiddenWord(models.Model):
    """A word that is refused in lines and texts, in one industry or in all."""

    class Reason(models.TextChoices):
        ABSOLUTE = "absolute", _("absolute claim")
        MEDICAL = "medical", _("medical claim")
        FINANCIAL = "financial", _("promise of earnings")
        EDUCATION = "education", _("promise of success in education")
        COSMETIC = "cosmetic", _("cosmetic claim")
        RECRUITING = "recruiting", _("pyramid recruiting")
        OTHER = "other", _("other")

    word = models.CharField(
        _("word"), max_length=40,
        help_text=_("Found without regard to case, width and blanks between characters."),
    )  # fmt: skip
    industry = models.CharField(
        _("industry"), max_length=40, blank=True,
        help_text=_("That of a category, such as “health”. Empty: everywhere."),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=10, choices=Reason, default=Reason.OTHER)

    class Meta:
        verbose_name = _("forbidden word")
        verbose_name_plural = _("forbidden words")
        ordering = ["industry", "word"]
        constraints = [
            models.UniqueConstraint(fields=["word", "industry"], name="forbidden_word_unique"),
            models.CheckConstraint(condition=~Q(word=""), name="forbidden_word_not_empty"),
            models.CheckConstraint(
                condition=Q(
                    reason__in=[
                        "absolute", "medical", "financial", "education", "cosmetic", "recruiting",
                        "other",
                    ]
                ),
                name="forbidden_word_reason_valid",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.word
