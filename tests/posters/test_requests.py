"""Equal requests share a poster; other inputs make another one."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image
from pytest_django import Settings

from catalog.models import Product, Sku
from members.models import Member
from posters.models import Poster, PosterTemplate, RecommendationLine, ShopLook
from posters.rendering import decode
from posters.services import (
    LineTooLong,
    PosterFailed,
    SizeNotOffered,
    TemplateUnknown,
    offered_lines,
    open_poster,
)
from sharing.links import short_url
from sharing.models import ForbiddenWord, Share
from sharing.targets import Target, TargetUnknown
from sharing.wording import WordsForbidden
from tests.cast import NOON
from tests.posters import studio

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def plain(db: None) -> PosterTemplate:
    return studio.template()


@pytest.fixture
def mask(db: None) -> Product:
    return studio.mask()


def test_a_poster_is_drawn_and_its_code_leads_to_the_share(
    lan: Member, mask: Product, plain: PosterTemplate
) -> None:
    opened = studio.open_for(lan, mask, line="用了一个月")

    assert opened.is_new
    assert studio.work() == 1
    poster = Poster.objects.get()
    assert (poster.status, poster.member, poster.is_final) == ("ready", lan, False)
    share = Share.objects.get()
    assert (share.channel, share.template, share.member) == ("poster", plain.public_id, lan)
    with default_storage.open(poster.path) as file:
        content = file.read()
    assert decode(content) == short_url(share)
    with Image.open(BytesIO(content)) as image:
        assert (image.format, image.size) == ("JPEG", (1080, 1920))


def test_an_equal_request_finds_the_stored_poster(
    lan: Member, mask: Product, plain: PosterTemplate
) -> None:
    first = studio.open_for(lan, mask, line="用了一个月")
    studio.work()

    again = studio.open_for(lan, mask, line="  用了一个月 ", at=NOON + DAY)

    assert (again.poster.pk, again.is_new) == (first.poster.pk, False)
    assert studio.work() == 0
    assert Poster.objects.get().last_used_at == NOON + DAY


def change_price(lan: Member, mask: Product) -> None:
    Sku.objects.filter(product=mask).update(price=1)


def change_title(lan: Member, mask: Product) -> None:
    Product.objects.filter(pk=mask.pk).update(name="Another name")


def change_nickname(lan: Member, mask: Product) -> None:
    Member.objects.filter(pk=lan.pk).update(nickname="Lanlan")


def change_avatar(lan: Member, mask: Product) -> None:
    Member.objects.filter(pk=lan.pk).update(avatar="avatars/other.jpg")


def change_template(lan: Member, mask: Product) -> None:
    studio.template(canvas={"w": 1080, "h": 1920, "bg": "#FFF8F0"})


def change_look(lan: Member, mask: Product) -> None:
    ShopLook.objects.update(slogan="Another slogan")


@pytest.mark.parametrize(
    "change",
    [change_price, change_title, change_nickname, change_avatar, change_template, change_look],
)
def test_what_has_changed_makes_another_poster(
    lan: Member, mask: Product, plain: PosterTemplate, change: object
) -> None:
    first = studio.open_for(lan, mask)
    change(Member.objects.get(pk=lan.pk), mask)  # type: ignore[operator]

    second = studio.open_for(Member.objects.get(pk=lan.pk), mask)

    assert second.is_new
    assert second.poster.pk != first.poster.pk
    assert second.poster.share == first.poster.share


def test_each_member_gets_their_own(
    lan: Member, bo: Member, mask: Product, plain: PosterTemplate
) -> None:
    assert studio.open_for(lan, mask).poster.share != studio.open_for(bo, mask).poster.share


def test_without_a_template_the_industry_chooses(
    lan: Member, mask: Product, plain: PosterTemplate
) -> None:
    mask.category.industry = "beauty"
    mask.category.save()
    rosy = studio.template("rosy", industry="beauty")

    assert studio.open_for(lan, mask).poster.template_version.template == rosy


def test_posters_of_home_and_recruitment_have_templates_of_their_own(
    mei: Member, plain: PosterTemplate
) -> None:
    from tests.shop import distributor  # noqa: PLC0415

    distributor(mei)
    with pytest.raises(TemplateUnknown):
        open_poster(member=mei, target=Target("home"), at=NOON)
    elements = [row for row in studio.document()["elements"] if row["id"] in ("name", "qr")]
    home = studio.template("house", kind="home", elements=elements)

    opened = open_poster(member=mei, target=Target("home"), at=NOON)

    assert opened.poster.template_version.template == home
    assert studio.work() == 1


def untouched() -> bool:
    return not (Poster.objects.exists() or Share.objects.exists() or own_lines())


def own_lines() -> list[str]:
    mine = RecommendationLine.objects.filter(member__isnull=False)
    return list(mine.values_list("text", flat=True))


def test_what_cannot_be_drawn_is_refused_and_nothing_is_left(
    lan: Member, mask: Product, plain: PosterTemplate
) -> None:
    house = studio.template("house", kind="home")
    for template in ("nothing", house.public_id):
        with pytest.raises(TemplateUnknown):
            studio.open_for(lan, mask, template=template)
    with pytest.raises(SizeNotOffered):
        studio.open_for(lan, mask, size="1080x1440")
    with pytest.raises(TargetUnknown):
        open_poster(member=lan, target=Target("product", "nothing"), at=NOON)
    with pytest.raises(TemplateUnknown):
        open_poster(member=lan, target=Target("coupon", "c1"), at=NOON)
    PosterTemplate.objects.filter(pk=plain.pk).update(is_active=False)
    with pytest.raises(TemplateUnknown):
        studio.open_for(lan, mask, template=plain.public_id)
    assert untouched()


def test_lines_are_checked_before_anything_is_made(
    lan: Member, mask: Product, plain: PosterTemplate
) -> None:
    with pytest.raises(LineTooLong):
        studio.open_for(lan, mask, line="好" * 41)
    with pytest.raises(WordsForbidden, match="最佳"):
        studio.open_for(lan, mask, line="全国最 佳面膜")

    assert untouched()


def test_what_would_be_refused_is_not_offered(lan: Member, mask: Product) -> None:
    target = Target("product", mask.public_id)
    ForbiddenWord.objects.create(word="回购", industry="")
    texts = [line.text for line in offered_lines(member=lan, target=target, at=NOON)]
    assert "自己用过才敢推荐给你" in texts
    assert not [text for text in texts if "回购" in text]


def test_an_own_line_is_offered_again_and_the_oldest_are_forgotten(
    lan: Member, mask: Product, plain: PosterTemplate
) -> None:
    for number in range(22):
        studio.open_for(lan, mask, line=f"line {number}", at=NOON + number * DAY)
    studio.open_for(lan, mask, line="自己用过才敢推荐给你", at=NOON + 30 * DAY)  # a suggested one

    assert set(own_lines()) == {f"line {number}" for number in range(2, 22)}


def test_a_poster_that_failed_may_be_asked_for_again_after_a_minute(
    lan: Member, mask: Product, plain: PosterTemplate
) -> None:
    failed = studio.open_for(lan, mask).poster
    Poster.objects.update(status=Poster.Status.FAILED, attempts=3, failure="Boom")
    with pytest.raises(PosterFailed):
        studio.open_for(lan, mask, at=NOON + timedelta(seconds=30))

    opened = studio.open_for(lan, mask, at=NOON + timedelta(minutes=2))

    assert (opened.poster.pk, opened.is_new) == (failed.pk, False)
    assert studio.work(at=NOON + timedelta(minutes=2)) == 1
