"""Find the words that advertising law forbids, in what distributors publish."""

from __future__ import annotations

import re
import unicodedata

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from sharing.models import ForbiddenWord

_FILLERS = re.compile(r"[\s\W_]+")


class WordsForbidden(TwotierError):
    """``data["words"]`` lists them, with commas."""

    code = "words_forbidden"
    message = _("Advertising law forbids these words: %(words)s. Say it in another way.")
    status = 400


def check_words(text: str, industry: str = "") -> list[str]:
    """Return the forbidden words of a text, in the order of the list.

    Case, width, blanks and signs between characters do not hide a word.

    :param industry: that of the category, whose words are forbidden beside the general ones
    """
    shown = folded(text)
    if not shown:
        return []
    rows = ForbiddenWord.objects.filter(Q(industry="") | Q(industry=industry))
    words = rows.order_by("word").values_list("word", flat=True)
    return list(dict.fromkeys(word for word in words if folded(word) in shown))


def require_allowed_words(text: str, industry: str = "") -> None:
    """Check that a text has no forbidden words.

    :raises WordsForbidden: it has some
    """
    if words := check_words(text, industry):
        raise WordsForbidden(words="、".join(words))


def folded(text: str) -> str:
    """Return a text without case, width, blanks and signs."""
    return _FILLERS.sub("", unicodedata.normalize("NFKC", text).casefold())
