"""A campaign is one ZIP with what the member may see, made while it is sent."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from common import clock
from materials import archives, web
from materials.addresses import archive_address
from materials.archives import file_name
from materials.models import Campaign, MaterialFile, MaterialUse
from members.accounts import lock_member
from members.models import Member
from tests.api.phone import Phone, outcome
from tests.materials.media import at_level, mp4, photo, published, withdraw

pytestmark = pytest.mark.django_db


@pytest.fixture
def sale(db: None) -> Campaign:
    campaign = Campaign.objects.create(name="双十一/大促")
    published(
        photo("red"), photo("blue"), kind="image", title="主图: 红?", text="抢", campaign=campaign
    )
    published(mp4(), kind="video", title="视频", campaign=campaign)
    published(campaign=campaign, audience="advanced", title="高级")
    return campaign


def ask(who: Member, campaign: Campaign) -> Any:
    return Phone(who).post(f"/materials/campaigns/{campaign.public_id}/archive")


def fetch(url: str) -> Any:
    parts = urlsplit(url)
    return Client().get(f"{parts.path}?{parts.query}")


def unpacked(response: Any) -> ZipFile:
    archive = ZipFile(BytesIO(b"".join(response.streaming_content)))
    assert archive.testzip() is None
    return archive


def test_the_zip_has_a_folder_for_each_material(bo: Member, sale: Campaign) -> None:
    answer = ask(bo, sale).json()
    response = fetch(answer["url"])
    archive = unpacked(response)

    assert archive.namelist() == [
        "01-主图 红/文案.txt", "01-主图 红/1.jpg", "01-主图 红/2.jpg", "02-视频/1.mp4",
    ]  # fmt: skip
    assert archive.read("01-主图 红/文案.txt").decode() == "抢"
    assert archive.read("02-视频/1.mp4") == mp4()
    assert answer["files"] == 4
    assert answer["size"] == sum(MaterialFile.objects.values_list("size", flat=True))
    assert response["Content-Type"] == "application/zip"
    assert "双十一 大促.zip" in unquote(response["Content-Disposition"])
    assert response["Cache-Control"] == "private, no-store"


def test_asking_for_it_counts_a_download_of_each(bo: Member, sale: Campaign) -> None:
    ask(bo, sale)
    ask(bo, sale)

    assert MaterialUse.objects.filter(member=bo, action="download").count() == 2


def test_it_has_what_the_level_permits_when_it_is_fetched(mei: Member, sale: Campaign) -> None:
    level = at_level(mei, 5, advanced=True)
    url = ask(mei, sale).json()["url"]
    assert "03-高级/文案.txt" in unpacked(fetch(url)).namelist()

    level.advanced_materials = False
    level.save()

    assert len(unpacked(fetch(url)).namelist()) == 4


def test_what_is_withdrawn_is_not_in_it(bo: Member, sale: Campaign) -> None:
    url = ask(bo, sale).json()["url"]
    for row in sale.materials.filter(kind="image"):
        withdraw(row)
    assert unpacked(fetch(url)).namelist() == ["01-视频/1.mp4"]

    for row in sale.materials.filter(kind="video"):
        withdraw(row)
    assert fetch(url).status_code == 404
    assert outcome(ask(bo, sale)) == (404, "not_found")


def test_an_address_is_of_one_member_for_ten_minutes(
    bo: Member, chen: Member, sale: Campaign
) -> None:
    now = clock.now()
    url = archive_address(sale, bo, at=now).url
    late = archive_address(sale, bo, at=now - timedelta(minutes=10)).url

    for wrong in (late, url.replace(bo.public_id, chen.public_id), url[:-1], url.split("?")[0]):
        assert fetch(wrong).status_code == 404, wrong
    assert unpacked(fetch(url)).namelist()


def test_who_is_locked_out_gets_nothing(bo: Member, sale: Campaign, boss: Any) -> None:
    url = ask(bo, sale).json()["url"]

    lock_member(member=bo, reason="?", by=boss, at=clock.now())

    assert fetch(url).status_code == 404


@pytest.mark.parametrize("limit", ["MAX_FILES", "MAX_BYTES"])
def test_a_large_campaign_is_refused(
    bo: Member, sale: Campaign, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(archives, limit, 3)

    assert outcome(ask(bo, sale)) == (409, "archive_too_large")
    assert not MaterialUse.objects.exists()


def test_a_lost_file_is_left_out(bo: Member, sale: Campaign) -> None:
    url = ask(bo, sale).json()["url"]
    default_storage.delete(MaterialFile.objects.get(kind="video").path)

    assert len(unpacked(fetch(url)).namelist()) == 3


def test_no_more_than_one_file_is_in_memory(bo: Member, sale: Campaign) -> None:
    archive = archives.archive_of(sale, bo, at=clock.now())
    largest = max(MaterialFile.objects.values_list("size", flat=True))

    assert max(map(len, archives.stream(archive))) < largest + 1_000


def test_fetching_again_and_again_is_limited(
    bo: Member, sale: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "ARCHIVES_A_MINUTE", 0)

    response = fetch(ask(bo, sale).json()["url"])

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("双十一", "双十一"),
        ("a/b\\c:d", "a b c d"),
        ("../../etc", "etc"),
        ("...", "-"),
        ("\u202egpj.exe", "gpj.exe"),
        ("x" * 90, "x" * 60),
        ("CON.", "CON"),
    ],
)
def test_titles_become_names_that_every_system_takes(title: str, name: str) -> None:
    assert file_name(title) == name
