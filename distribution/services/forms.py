"""Publish application forms, and check answers against them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from api.errors import InvalidInput
from api.serializers import MAX_UNKNOWN
from common.errors import TwotierError
from common.locks import advisory_lock
from common.requirements import require_permission
from distribution.events import DISTRIBUTION_FORM_PUBLISHED
from distribution.models import ApplicationForm, Question
from events.services import record
from members.models import User
from members.uploads import MAX_ATTACHED

Kind = Question.Kind
MAX_TEXT, MAX_LONG_TEXT, MAX_REGION = 200, 2_000, 40
REGION_PARTS = 3  # province, city, district


class FormPublished(TwotierError):
    code = "form_published"
    message = _("This version is published already. Write a new one.")


class FormOutdated(TwotierError):
    """``data["version"]`` is the current version, 0 without a form."""

    code = "form_outdated"
    message = _("The current version of the form is %(version)s. Fetch it, and ask again.")


@transaction.atomic
def publish_form(*, form: ApplicationForm, by: User, at: datetime) -> None:
    """Give a form the next version; members answer it from now on.

    :raises PermissionMissing: ``by`` may not change forms
    :raises FormPublished: it is published already
    """
    require_permission(by, "distribution.change_applicationform")
    advisory_lock("distribution:form")
    last = ApplicationForm.objects.aggregate(last=Max("version"))["last"] or 0
    draft = ApplicationForm.objects.filter(pk=form.pk, published_at=None)
    if draft.update(version=last + 1, published_at=at) != 1:
        raise FormPublished
    record(DISTRIBUTION_FORM_PUBLISHED, form, at=at, by=by, version=last + 1)


def check_answers(version: int, answers: Mapping[str, Any]) -> tuple[ApplicationForm | None, Any]:
    """Return the current form and the answers to its questions, without empty ones.

    :param version: the version that the member has answered; 0 without a form
    :raises FormOutdated: another version is current
    :raises InvalidInput: with every wrong answer
    """
    form = ApplicationForm.current()
    current = (form.version if form else 0) or 0
    if version != current:
        raise FormOutdated(version=current)
    questions = list(form.questions.all()) if form else []
    if errors := list(_errors(questions, answers)):
        raise InvalidInput(errors=errors)
    return form, {key: value for key, value in answers.items() if not _is_empty(value)}


def picture_ids(form: ApplicationForm | None, answers: Mapping[str, Any]) -> list[str]:
    """Return the ids of all pictures in the answers, in the order of the questions."""
    asked = form.questions.filter(kind=Kind.PICTURE) if form else ()
    return [upload for question in asked for upload in answers.get(question.key, ())]


def _errors(questions: list[Question], answers: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for question in questions:
        answer = answers.get(question.key)
        if _is_empty(answer):
            if question.required:
                yield _error(question.key, "required", translate("Answer this question."))
        elif not _CHECKS[Kind(question.kind)](question, answer):
            yield _error(
                question.key, "invalid", translate("This answer does not fit the question.")
            )
    unknown = sorted(answers.keys() - {question.key for question in questions})
    for key in unknown[:MAX_UNKNOWN]:
        yield _error(key[:80], "unknown", translate("The form has no such question."))


def _error(key: str, code: str, message: str) -> dict[str, str]:
    return {"field": f"answers.{key}", "code": code, "message": message}


def _is_empty(answer: Any) -> bool:
    return answer is None or answer == [] or (isinstance(answer, str) and not answer.strip())


def _is_text(answer: Any, limit: int) -> bool:
    return isinstance(answer, str) and len(answer) <= limit and "\0" not in answer


def _is_list(answer: Any, limit: int, longest: int) -> bool:
    if not isinstance(answer, list) or len(answer) > longest:
        return False
    return all(_is_text(part, limit) and part.strip() for part in answer)


def _are_choices(question: Question, answer: Any) -> bool:
    options = question.options
    is_list = isinstance(answer, list) and all(isinstance(part, str) for part in answer)
    return is_list and len(set(answer)) == len(answer) and set(answer) <= set(options)


_CHECKS: dict[Kind, Callable[[Question, Any], bool]] = {
    Kind.TEXT: lambda _question, answer: _is_text(answer, MAX_TEXT),
    Kind.LONG_TEXT: lambda _question, answer: _is_text(answer, MAX_LONG_TEXT),
    Kind.CHOICE: lambda question, answer: isinstance(answer, str) and answer in question.options,
    Kind.CHOICES: _are_choices,
    Kind.REGION: lambda _question, answer: _is_list(answer, MAX_REGION, REGION_PARTS),
    Kind.PICTURE: lambda _question, answer: _is_list(answer, 20, MAX_ATTACHED),
}
