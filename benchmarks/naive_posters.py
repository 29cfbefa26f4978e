"""The same poster as most shops draw it: by a script with Pillow, or by a browser."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from io import BytesIO

import qrcode
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from playwright.sync_api import sync_playwright

from posters.rendering import PosterData, fonts

CHROMIUM = "/usr/bin/chromium"
SIZE = (1080, 1920)
CARD = (48, 212, 1032, 1856)
PHOTO = (984, 852)


def draw(data: PosterData) -> bytes:
    """Draw a poster from nothing, on layers as large as the poster, and save it as a PNG."""
    assert data.product is not None
    product = data.product
    poster = _gradient().convert("RGBA")
    shadow = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    ImageDraw.Draw(shadow).rounded_rectangle(CARD, 44, fill=(160, 64, 56, 68))
    poster = Image.alpha_composite(poster, shadow.filter(ImageFilter.GaussianBlur(20)))
    card = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    ImageDraw.Draw(card).rounded_rectangle(CARD, 44, fill="white")
    poster = Image.alpha_composite(poster, card)
    assert product.picture is not None
    photo = Image.open(BytesIO(product.picture)).convert("RGBA")
    photo = photo.resize((984, 984), Image.Resampling.LANCZOS).crop((0, 66, 984, 918))
    poster.paste(photo, (48, 212), _mask(PHOTO, 44))
    assert data.user.avatar is not None
    avatar = Image.open(BytesIO(data.user.avatar)).convert("RGBA").resize((116, 116))
    poster.paste(avatar, (56, 60), _mask(avatar.size, 58))
    pen = ImageDraw.Draw(poster)
    _write(pen, data)
    code = qrcode.make(data.share.link).convert("RGBA").resize((344, 344), Image.Resampling.LANCZOS)
    poster.paste(code, (644, 1460))
    target = BytesIO()
    poster.save(target, "PNG")
    return target.getvalue()


def _gradient() -> Image.Image:
    image = Image.new("RGB", SIZE)
    pen = ImageDraw.Draw(image)
    for row in range(SIZE[1]):
        part = row / SIZE[1]
        color = (round(251 - 13 * part), round(217 - 63 * part), round(207 - 58 * part))
        pen.line((0, row, SIZE[0], row), fill=color)
    return image


def _mask(size: tuple[int, int], radius: int) -> Image.Image:
    large = Image.new("L", (size[0] * 4, size[1] * 4), 0)
    ImageDraw.Draw(large).rounded_rectangle((0, 0, *large.size), radius * 4, fill=255)
    return large.resize(size, Image.Resampling.LANCZOS)


def _write(pen: ImageDraw.ImageDraw, data: PosterData) -> None:
    assert data.product is not None
    title = data.product.title
    rows = [
        (196, 64, 700, 42, "#5B2A2A", data.user.nickname), (196, 124, 400, 30, "#7A4A44", data.share.line),
        (92, 1090, 700, 92, "#D9363B", f"¥{(data.product.price_fen or 0) // 100}"),
        (380, 1140, 400, 38, "#8A8A8A", f"¥{(data.product.strike_fen or 0) // 100}"),
        (92, 1220, 700, 46, "#222222", title[:20]), (92, 1290, 700, 46, "#222222", title[20:38] + "…"),
        (92, 1370, 400, 26, "#D9363B", "  ".join(data.product.tags)),
        (92, 1490, 700, 42, "#222222", data.shop.cta), (92, 1560, 400, 29, "#6F6F6F", data.shop.cta2),
        (92, 1680, 700, 30, "#D9363B", data.shop.name), (200, 1868, 400, 26, "#5B2A2A", data.shop.footer),
    ]  # fmt: skip
    for left, top, weight, size, color, text in rows:
        pen.text((left, top), text, fill=color, font=_open(weight, size))


def _open(weight: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(fonts.path(weight), size)  # opened for each text, as scripts do


@contextmanager
def browser() -> Iterator[Callable[[PosterData], bytes]]:
    """Yield a function that draws a poster in a page of Chromium that stays open."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})

        def shot(data: PosterData) -> bytes:
            page.set_content(_page(data), wait_until="load")
            return page.screenshot(type="jpeg", quality=88)

        yield shot
        chromium.close()


def _page(data: PosterData) -> str:
    assert data.product is not None
    code = BytesIO()
    qrcode.make(data.share.link).save(code)
    tags = "".join(f"<i>{escape(tag)}</i>" for tag in data.product.tags)
    return f"""<style>
      body {{ margin: 0; width: 1080px; height: 1920px; position: relative; font-family: "Noto Sans CJK SC";
              background: linear-gradient(#FBD9CF, #F6B9AE, #EE9A95) }}
      body > * {{ position: absolute }}
      #card {{ left: 48px; top: 212px; width: 984px; height: 1644px; border-radius: 44px;
               background: #fff; box-shadow: 0 16px 40px #A0403844 }}
      #photo {{ left: 48px; top: 212px; width: 984px; height: 852px; object-fit: cover;
                border-radius: 44px 44px 0 0 }}
      #avatar {{ left: 56px; top: 60px; border-radius: 50%; border: 5px solid #fff }}
      i {{ font-style: normal; background: #FDEEEA; border-radius: 26px; padding: 8px 18px; margin-right: 16px }}
    </style>
    <div id="card"></div><img id="photo" src="{_url(data.product.picture)}">
    <img id="avatar" src="{_url(data.user.avatar)}" width="116" height="116">
    <b style="left:196px;top:64px;font-size:42px">{escape(data.user.nickname)}</b>
    <span style="left:196px;top:124px;font-size:30px">{escape(data.share.line)}</span>
    <b style="left:92px;top:1090px;font-size:92px;color:#D9363B">¥{(data.product.price_fen or 0) // 100}</b>
    <s style="left:380px;top:1140px;font-size:38px">¥{(data.product.strike_fen or 0) // 100}</s>
    <b style="left:92px;top:1220px;width:896px;font-size:46px">{escape(data.product.title)}</b>
    <span style="left:92px;top:1370px;font-size:26px;color:#D9363B">{tags}</span>
    <b style="left:92px;top:1490px;font-size:42px">{escape(data.shop.cta)}</b>
    <span style="left:92px;top:1560px;font-size:29px">{escape(data.shop.cta2)}</span>
    <b style="left:92px;top:1680px;font-size:30px;color:#D9363B">{escape(data.shop.name)}</b>
    <span style="left:200px;top:1868px;font-size:26px">{escape(data.shop.footer)}</span>
    <img style="left:644px;top:1460px" src="{_url(code.getvalue())}" width="344" height="344">"""


def _url(picture: bytes | None) -> str:
    return "data:image/png;base64," + base64.b64encode(picture or b"").decode()
