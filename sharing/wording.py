"""Find the words that advertising law forbids, in what distributors publish."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from sharing.models import ForbiddenWord

# Hangul fillers count as letters, but nobody sees them.
_FILLERS = re.compile(r"[\s\W_\u115f\u1160]+")


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
    return check_texts([text], industry)[0]


def check_texts(texts: Sequence[str], industry: str = "") -> list[list[str]]:
    """Return the forbidden words of each text, in one query."""
    shown = [folded(text) for text in texts]
    if not any(shown):
        return [[] for _text in texts]
    rows = ForbiddenWord.objects.filter(Q(industry="") | Q(industry=industry))
    words = dict.fromkeys(rows.order_by("word").values_list("word", flat=True))
    # A word of nothing but signs would be in every text.
    listed = [(word, sought) for word in words if (sought := folded(word))]
    return [[word for word, sought in listed if sought in text] for text in shown]


def require_allowed_words(text: str, industry: str = "") -> None:
    """Check that a text has no forbidden words.

    :raises WordsForbidden: it has some
    """
    if words := check_words(text, industry):
        raise WordsForbidden(words="、".join(words))


def folded(text: str) -> str:
    """Return a text without case, width, blanks, signs and what cannot be seen."""
    return _FILLERS.sub("", unicodedata.normalize("NFKC", text).casefold())
