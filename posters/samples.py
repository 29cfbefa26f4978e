"""What templates are tried with: an ordinary product, and what breaks careless designs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw, ImageFilter

from posters.rendering import PosterData, ProductData, ShareData, ShopData, UserData

LONG_TITLE = (
    "【官方旗舰店】玻尿酸深层补水保湿面膜女提亮肤色收缩毛孔敏感肌可用孕妇学生党"
    "大容量家庭装 30 片礼盒（含替换装）2026 春季限定联名款包邮"
)
HOSTILE_NAME = "𝓐𝓷𝓷𝓪👩‍👩‍👧‍👦🇨🇳 مرحبا Z̷̢̛a̴͝l̶͘g̸͋o̵ ﷽ \u202eabc 𠮷野家👍🏽"
CODE = "8f3k2d9xAb"

Sample = Callable[[], PosterData]


def ordinary() -> PosterData:
    shop = ShopData(
        name=settings.BRAND_NAME,
        slogan="好物，值得分享",
        cta="长按识别二维码",
        cta2="查看商品详情",
        footer="价格与库存以商品页为准",
    )
    return PosterData(
        product=ProductData(
            title="玻尿酸补水面膜 10 片装",
            price_fen=9_900,
            strike_fen=12_900,
            picture=picture(),
            picture_key="sample",
            badge="热卖",
            tags=("七天无理由", "顺丰包邮", "正品保障"),
        ),
        user=UserData(nickname="小雅"),
        share=ShareData(link=f"{settings.PUBLIC_URL}/s/{CODE}", line="用了一个月，皮肤真的变软了"),
        shop=shop,
    )


def long_texts() -> PosterData:
    data = ordinary()
    assert data.product
    return replace(
        data,
        product=replace(data.product, title=LONG_TITLE, price_fen=12_345_678, strike_fen=99_999_999),
        user=UserData(nickname="一个名字特别特别特别特别特别长的分销员小姐姐"),
        share=replace(data.share, line="推荐" * 20),
    )


def hostile_name() -> PosterData:
    return replace(ordinary(), user=UserData(nickname=HOSTILE_NAME))


def no_strike_price() -> PosterData:
    data = ordinary()
    assert data.product
    return replace(data, product=replace(data.product, strike_fen=None))


def bare() -> PosterData:
    """Return the least that a poster may have."""
    data = ordinary()
    return replace(
        data,
        product=ProductData(title="手工皂"),
        user=UserData(),
        share=ShareData(link=data.share.link),
        shop=ShopData(name=settings.BRAND_NAME),
    )


SAMPLES: dict[str, tuple[Promise, Sample]] = {
    "ordinary": (_("ordinary product"), ordinary),
    "long": (_("longest texts"), long_texts),
    "hostile": (_("hostile nickname"), hostile_name),
    "no_strike": (_("no original price"), no_strike_price),
    "bare": (_("no picture, price, name or line"), bare),
}


def sample(name: str) -> PosterData:
    """Return the data of a sample, of the ordinary one for an unknown name."""
    return SAMPLES.get(name, SAMPLES["ordinary"])[1]()


@cache
def picture() -> bytes:
    """Draw a product: a jar on a soft ground."""
    edge = 1080
    top, bottom = Image.new("RGB", (1, 2)), (236, 208, 196)
    top.putpixel((0, 0), (252, 240, 232))
    top.putpixel((0, 1), bottom)
    ground = top.resize((edge, edge), Image.Resampling.BILINEAR)
    shade = Image.new("L", (edge, edge))
    ImageDraw.Draw(shade).ellipse((270, 800, 810, 890), fill=110)
    blurred = shade.filter(ImageFilter.GaussianBlur(24))
    ground.paste((150, 110, 100), mask=blurred)
    pen = ImageDraw.Draw(ground)
    pen.rounded_rectangle((310, 420, 770, 850), 90, fill=(255, 255, 255))
    pen.rounded_rectangle((290, 270, 790, 440), 48, fill=(214, 170, 140))
    pen.rectangle((310, 560, 770, 690), fill=(226, 110, 96))
    pen.ellipse((505, 590, 575, 660), fill=(255, 246, 240))
    target = BytesIO()
    ground.save(target, "JPEG", quality=88)
    return target.getvalue()
