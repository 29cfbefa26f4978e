"""A member's application, for the export of their data, and its end with the account."""

from __future__ import annotations

from typing import Any

from common import clock
from distribution.models import Application
from members.models import Member


def applications_of(member: Member) -> list[dict[str, Any]]:
    """Return the applications of a person, with their answers."""
    persons = Member.objects.of_person(member.pk)
    return [
        {
            "id": row.public_id,
            "status": row.status,
            "statement": row.statement,
            "submitted_at": row.submitted_at.astimezone(clock.SHANGHAI).isoformat(),
            "answers": [
                {"question": question.label, "answer": answer} for question, answer in row.answered
            ],
        }
        for row in Application.objects.filter(member__in=persons).order_by("pk")
    ]


def forget_answers(member: Member) -> None:
    """Delete what a person wrote and answered; the decision stays."""
    persons = Member.objects.of_person(member.pk)
    Application.objects.filter(member__in=persons).update(answers={}, statement="")
