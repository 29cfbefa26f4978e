"""What notices are about."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class NoticeKind(models.TextChoices):
    ACCRUED = "accrued", _("new commission")
    CREDITED = "credited", _("commission credited")
    CLAWED_BACK = "clawed_back", _("commission taken back")
    WITHDRAWAL_APPROVED = "withdrawal_approved", _("withdrawal approved")
    WITHDRAWAL_REJECTED = "withdrawal_rejected", _("withdrawal rejected")
    WITHDRAWAL_READY = "withdrawal_ready", _("withdrawal waits to be collected")
    WITHDRAWAL_PAID = "withdrawal_paid", _("withdrawal paid")
    WITHDRAWAL_FAILED = "withdrawal_failed", _("withdrawal failed")
    APPLICATION_APPROVED = "application_approved", _("application approved")
    APPLICATION_REJECTED = "application_rejected", _("application rejected")
    CLAIM_ANSWERED = "claim_answered", _("claim answered")
    UPLINE_BOUND = "upline_bound", _("bound to an upline")
    DIRECT_JOINED = "direct_joined", _("new member in the team")
    LEVEL_CHANGED = "level_changed", _("level changed")
    LEVEL_WARNING = "level_warning", _("level about to be lost")
