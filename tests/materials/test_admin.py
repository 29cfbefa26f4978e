"""Operations make a material in the admin: form, upload, preview, publishing, figures."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from materials import services
from materials.models import Campaign, Course, Material, MaterialFile
from members.models import Member
from tests.cast import NOON
from tests.materials.media import course, draft, mp4, photo, published, with_files

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PRESS = {"_form_submitted": "True", "reason": "过期"}


def url(page: str, *args: Any, model: str = "material") -> str:
    return reverse(f"admin:materials_{model}_{page}", args=args)


def upload(client: Client, row: Material, *raws: bytes) -> Any:
    files = [SimpleUploadedFile(f"{n}.bin", raw) for n, raw in enumerate(raws)]
    return client.post(url("upload", row.pk), {"chosen": files})


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def inlines(row: Material, **fields: Any) -> dict[str, Any]:
    files = list(row.files.all())
    form = {"files-TOTAL_FORMS": len(files), "files-INITIAL_FORMS": len(files)}
    for number, file in enumerate(files):
        form |= {
            f"files-{number}-id": file.pk, f"files-{number}-material": row.pk,
            f"files-{number}-position": file.position,
        }  # fmt: skip
    values = {"title": row.title, "text": row.text, "audience": row.audience}
    return {**values, **form, **fields}


def test_a_material_is_made_step_by_step(as_boss: Client) -> None:
    form = {"kind": "image", "title": "新茶", "text": "喝", "audience": "members"}
    as_boss.post(url("add"), form)
    row = Material.objects.get()

    done = upload(as_boss, row, photo("red"), photo("blue"))
    as_boss.post(url("publish", row.pk), PRESS)

    row.refresh_from_db()
    assert done.status_code == 302
    assert row.files.filter(status="stored").count() == 2
    assert (row.status, row.version) == ("published", 1)
    page = as_boss.get(url("change", row.pk)).content.decode()
    assert page.count("/preview.jpg") == 2
    assert "_save" not in page
    assert url("upload", row.pk) not in page
    assert "/preview.jpg" in as_boss.get(url("changelist")).content.decode()


def test_the_page_of_uploads_takes_several_files(as_boss: Client) -> None:
    page = as_boss.get(url("upload", draft("image").pk)).content.decode()

    assert re.search(r'<input[^>]* name="chosen"[^>]* multiple', page)
    assert re.search(r">\s*上传文件\s*</button>", page)


def test_a_refused_file_is_a_message_and_nothing_is_stored(as_boss: Client) -> None:
    row = draft("image")

    for raws in ([photo(), b"no picture"], [mp4()], []):
        response = upload(as_boss, row, *raws)
        assert response.status_code == 200
        assert said(response) or not raws
    assert not MaterialFile.objects.exists()


def test_files_are_ordered_and_removed_in_the_form(
    as_boss: Client, django_capture_on_commit_callbacks: Any
) -> None:
    row = with_files(photo("red"), photo("blue"))
    first, second = row.files.all()
    form = inlines(row, **{"files-0-position": 5, "files-1-DELETE": "on"})

    with django_capture_on_commit_callbacks(execute=True):
        response = as_boss.post(url("change", row.pk), form)

    assert response.status_code == 302
    kept = row.files.get()
    assert (kept.pk, kept.position) == (first.pk, 5)
    assert second.pk != first.pk


def test_a_published_material_is_read_only(as_boss: Client) -> None:
    row = published(photo(), kind="image")

    assert as_boss.post(url("change", row.pk), inlines(row, title="Other")).status_code == 403
    assert as_boss.post(url("delete", row.pk), {"post": "yes"}).status_code == 403
    upload(as_boss, row, photo("blue"))

    row.refresh_from_db()
    assert (row.title, row.files.count()) == ("春茶上新", 1)


def test_forbidden_words_are_a_message(as_boss: Client) -> None:
    from sharing.models import ForbiddenWord  # noqa: PLC0415 - one use

    ForbiddenWord.objects.get_or_create(word="全网第一", industry="")
    row = draft(text="全网第一")

    response = as_boss.post(url("publish", row.pk), PRESS)

    assert "全网第一" in said(response)
    row.refresh_from_db()
    assert row.status == "draft"


def test_a_level_needs_an_audience_of_distributors(as_boss: Client) -> None:
    from distribution.models import Level  # noqa: PLC0415 - one use

    level = Level.objects.create(rank=1, name="金")
    form = {"kind": "copy", "title": "x", "text": "y", "audience": "members"}

    refused = as_boss.post(url("add"), form | {"lowest_level": level.pk})
    assert refused.status_code == 200
    assert not Material.objects.exists()

    as_boss.post(url("add"), form | {"lowest_level": level.pk, "audience": "distributors"})
    assert Material.objects.get().lowest_level == level


def test_the_list_shows_how_often_it_is_used(as_boss: Client, bo: Member, chen: Member) -> None:
    row = published()
    for who in (bo, chen):
        services.record_use(member=who, material=row, action="copy", at=NOON)
    services.count_uses()

    (listed,) = as_boss.get(url("changelist")).context["cl"].result_list

    assert (listed.copies, listed.downloads) == (2, 0)
    page = as_boss.get(url("change", row.pk)).content.decode()
    assert "复制 2 次" in page


def test_a_draft_without_files_can_be_deleted(as_boss: Client) -> None:
    row, filled = draft(), with_files()

    as_boss.post(url("delete", row.pk), {"post": "yes"})
    as_boss.post(url("delete", filled.pk), {"post": "yes"})

    assert list(Material.objects.all()) == [filled]


def test_a_campaign_and_a_course_are_made(as_boss: Client) -> None:
    as_boss.post(url("add", model="campaign"), {"name": "双十一"})
    form = {"title": "合规", "text": "## 一\n<b>二</b>", "audience": "members", "position": 1}
    as_boss.post(url("add", model="course"), form)
    row = Course.objects.get()
    as_boss.post(url("publish", row.pk, model="course"), PRESS)

    row.refresh_from_db()
    assert Campaign.objects.get().name == "双十一"
    assert row.status == "published"
    page = as_boss.get(url("change", row.pk, model="course")).content.decode()
    assert "&lt;b&gt;二&lt;/b&gt;</p>" in page


def test_the_list_counts_readers_of_the_current_version(as_boss: Client, bo: Member) -> None:
    row = course()
    services.mark_course_read(member=bo, course=row, version=1, at=NOON)

    def readers() -> int:
        (listed,) = as_boss.get(url("changelist", model="course")).context["cl"].result_list
        number: int = listed.number
        return number

    assert readers() == 1
    as_boss.post(url("withdraw", row.pk, model="course"), PRESS)
    as_boss.post(url("publish", row.pk, model="course"), PRESS)
    assert readers() == 0
    found = as_boss.get(url("changelist", model="coursereading"), {"q": "Bo"})
    assert len(found.context["cl"].result_list) == 1


def test_the_picture_of_a_video_is_a_preview_and_the_video_a_link(as_boss: Client) -> None:
    row = with_files(mp4(), photo(), kind="video")

    page = as_boss.get(url("change", row.pk)).content.decode()

    assert page.count("/full.mp4") == 1
    assert page.count("/preview.jpg") == 1
