"""Operations write a form; applicants answer its current version."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from common import clock
from common.errors import PermissionMissing
from distribution.models import Application, ApplicationForm, Question
from distribution.services import publish_form
from distribution.services.forms import FormPublished
from members.closing import close_member
from members.models import Member, Upload, User
from tests.api.phone import Phone, outcome
from tests.cast import give
from tests.members.pictures import uploaded

pytestmark = pytest.mark.django_db
PATH = "/distributor/application"
QUESTIONS: list[dict[str, Any]] = [
    {"key": "shop", "kind": "text", "label": "Your shop", "required": True},
    {"key": "why", "kind": "long_text", "label": "Why?"},
    {"key": "size", "kind": "choice", "label": "Size", "choices": "small\nlarge\n"},
    {"key": "goods", "kind": "choices", "label": "Goods", "choices": "masks\r\nnuts"},
    {"key": "city", "kind": "region", "label": "City", "required": True},
    {"key": "photos", "kind": "picture", "label": "Photos"},
]
ANSWERS = {"shop": "Mei's", "city": ["浙江省", "杭州市"]}


@pytest.fixture
def operator(qian: User) -> User:
    return give(qian, "change_applicationform")


@pytest.fixture
def form(operator: User) -> ApplicationForm:
    form = ApplicationForm.objects.create(title="Partners")
    for position, values in enumerate(QUESTIONS):
        Question.objects.create(form=form, position=position, **values)
    publish_form(form=form, by=operator, at=clock.now())
    form.refresh_from_db()
    return form


def submit(who: Member, version: int = 1, **changes: Any) -> Any:
    body = {"form_version": version, "answers": ANSWERS | changes}
    return Phone(who).post(PATH, body)


def test_without_a_form_members_apply_as_ever(mei: Member) -> None:
    body = Phone(mei).get(f"{PATH}/form").json()

    assert body == {"version": 0, "questions": [], "agreement": None, "fast_track": []}
    assert outcome(submit(mei, 0)) == (400, "invalid_input")
    assert outcome(submit(mei, 1)) == (409, "form_outdated")
    assert Phone(mei).post(PATH, {"statement": "I know many"}).status_code == 201


def test_the_form_has_its_questions_in_order(mei: Member, form: ApplicationForm) -> None:
    body = Phone(mei).get(f"{PATH}/form").json()

    assert (body["version"], [row["key"] for row in body["questions"]]) == (
        1, ["shop", "why", "size", "goods", "city", "photos"],
    )  # fmt: skip
    assert body["questions"][3] == {
        "key": "goods", "kind": "choices", "label": "Goods", "help_text": "", "required": False,
        "options": ["masks", "nuts"],
    }  # fmt: skip


def test_answers_are_kept_and_shown_to_operations(
    mei: Member, form: ApplicationForm, operator: User, client: Client
) -> None:
    photo = uploaded(mei, "application")

    made = submit(mei, size="large", goods=["nuts"], photos=[photo], why=" ")

    assert made.status_code == 201
    row = Application.objects.get()
    assert row.form == form
    assert row.answers == ANSWERS | {"size": "large", "goods": ["nuts"], "photos": [photo]}
    assert made.json()["answers"] == row.answers
    assert Upload.objects.get().status == "used"
    client.force_login(give(operator, "view_application"))
    page = client.get(reverse("admin:distribution_application_change", args=[row.pk]))
    html = page.content.decode()
    assert f'<img src="/admin/uploads/{photo}"' in html
    assert "浙江省, 杭州市" in html
    (exported,) = Phone(mei).get("/me/data").json()["applications"]
    assert exported["answers"][0] == {"question": "Your shop", "answer": "Mei's"}


def test_every_wrong_answer_is_named(mei: Member, form: ApplicationForm) -> None:
    response = submit(
        mei, shop="", why="x" * 2_001, size="huge", goods=["nuts", "nuts"], city=["a"] * 4,
        photos="none", other=1,
    )  # fmt: skip

    assert outcome(response) == (400, "invalid_input")
    assert {(row["field"], row["code"]) for row in response.json()["errors"]} == {
        ("answers.shop", "required"), ("answers.why", "invalid"), ("answers.size", "invalid"),
        ("answers.goods", "invalid"), ("answers.city", "invalid"), ("answers.photos", "invalid"),
        ("answers.other", "unknown"),
    }  # fmt: skip
    assert not Application.objects.exists()


@pytest.mark.parametrize("answer", [7, {"a": 1}, [1], True, "a\0b", ["\0"], [[]]])
@pytest.mark.parametrize("key", [row["key"] for row in QUESTIONS])
def test_no_answer_of_another_type_is_stored(
    mei: Member, form: ApplicationForm, key: str, answer: Any
) -> None:
    assert outcome(submit(mei, **{key: answer})) == (400, "invalid_input")
    assert not Application.objects.exists()


def test_a_picture_of_another_leaves_everything(
    mei: Member, chen: Member, form: ApplicationForm
) -> None:
    own, other = uploaded(mei, "application"), uploaded(chen, "application")

    assert outcome(submit(mei, photos=[own, other])) == (400, "upload_unknown")
    assert not Application.objects.exists()
    assert set(Upload.objects.values_list("status", flat=True)) == {"stored"}


def test_an_old_version_is_refused(mei: Member, form: ApplicationForm, operator: User) -> None:
    publish_form(form=ApplicationForm.objects.create(title="2"), by=operator, at=clock.now())

    refused = submit(mei)

    assert outcome(refused) == (409, "form_outdated")
    assert refused.json()["data"]["version"] == 2
    assert outcome(Phone(mei).post(PATH, {})) == (409, "form_outdated")
    assert not Application.objects.exists()
    assert Phone(mei).post(PATH, {"form_version": 2}).status_code == 201
    assert outcome(submit(mei)) == (409, "already_submitted")


def test_publishing_needs_the_right_and_is_once(
    form: ApplicationForm, feng: User, operator: User
) -> None:
    draft = ApplicationForm.objects.create(title="Draft")

    with pytest.raises(PermissionMissing):
        publish_form(form=draft, by=feng, at=clock.now())
    with pytest.raises(FormPublished):
        publish_form(form=form, by=operator, at=clock.now())
    assert ApplicationForm.current() == form


def test_the_database_keeps_a_published_form(form: ApplicationForm) -> None:
    questions = Question.objects.filter(form=form)
    draft = ApplicationForm.objects.create(title="Draft")
    moved = Question.objects.create(form=draft, position=1, key="a", kind="text", label="A")

    for change in (
        lambda: ApplicationForm.objects.filter(pk=form.pk).update(title="Other"),
        lambda: questions.update(label="Other"),
        lambda: questions.update(form=draft),
        lambda: questions.filter(key="why").delete(),
        lambda: Question.objects.filter(pk=moved.pk).update(form=form),
        lambda: Question.objects.create(form=form, position=9, key="b", kind="text", label="B"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    draft.delete()


def test_answers_end_with_the_account(mei: Member, form: ApplicationForm) -> None:
    submit(mei)

    close_member(member=mei, at=clock.now())

    assert Application.objects.get().answers == {}


def test_a_hundred_unknown_answers_are_reported(mei: Member, form: ApplicationForm) -> None:
    response = submit(mei, **{f"q{number}": 0 for number in range(1_000)})

    assert response.status_code == 400
    assert len(response.json()["errors"]) <= 101


@pytest.mark.parametrize("version", ["1", 1.0, True])
def test_a_version_is_a_json_integer(mei: Member, form: ApplicationForm, version: Any) -> None:
    assert outcome(submit(mei, version)) == (400, "invalid_input")
    assert not Application.objects.exists()
