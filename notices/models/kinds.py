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
    AWARD_GRANTED = "award_granted", _("reward of an incentive")
    AWARD_HELD = "award_held", _("reward on hold")
    AWARD_REFUSED = "award_refused", _("reward no longer available")
    AWARD_TAKEN_BACK = "award_taken_back", _("reward taken back")
    FRIEND_ORDERED = "friend_ordered", _("friend has ordered")
    FIRST_ORDER_COUNTS = "first_order_counts", _("first order counts")
    GIFT_SENT = "gift_sent", _("gift sent")
    GIFT_CANCELLED = "gift_cancelled", _("gift cancelled")
    PROOF_APPROVED = "proof_approved", _("picture approved")
    PROOF_REJECTED = "proof_rejected", _("picture rejected")
