"""Show what applicants answered."""

from __future__ import annotations

from typing import Any

from distribution.models import Question
from members.models import Upload
from members.thumbnails import thumbnails


def shown_answer(question: Question, answer: Any) -> str:
    """Return an answer as text, or its pictures."""
    if question.kind == Question.Kind.PICTURE:
        found = {
            row.public_id: row for row in Upload.objects.readable().filter(public_id__in=answer)
        }
        return thumbnails(found[public_id] for public_id in answer if public_id in found)
    return ", ".join(answer) if isinstance(answer, list) else str(answer)
