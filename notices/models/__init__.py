"""Messages to members about what happened to them, and what they say."""

from notices.models.kinds import NoticeKind
from notices.models.message import AVAILABLE, Consent, Message
from notices.models.notice import Notice, NoticeQuerySet
from notices.models.wording import Wording

__all__ = [
    "AVAILABLE", "Consent", "Message", "Notice", "NoticeKind", "NoticeQuerySet", "Wording",
]  # fmt: skip
