"""A WeChat for development and tests: the code is the name of the person.

``lan`` is the same person in the mini-program and in the official account, ``lan-alone`` has no
unionid; the code of a phone number is the number. ``used`` and ``down`` show the errors. A text
with ``indecent`` is objectionable, pictures never are. Messages of the template ``refused`` are not
wanted. Codes of the mini-program are QR codes of the landing page of their scene,
so that any phone can scan them; page ``down`` has none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from urllib.parse import urlencode

from django.conf import settings
from PIL import Image
from qrcode.main import QRCode

from wechat.client import sign_page
from wechat.errors import MessageRefused, WeChatCodeInvalid, WeChatUnavailable, WeChatUserBlocked
from wechat.gateway import JsConfig, PictureCheck, WeChatUser

NAME = re.compile(r"[a-z]{1,20}(-alone)?")
PHONE = re.compile(r"\+?\d{5,15}")
CODE_SIDE = 430
QUIET_ZONE = 4  # modules of both sides together


class SandboxGateway:
    mini_app = "sandbox-mini"
    official_app = "sandbox-official"

    def mini_program_user(self, code: str) -> WeChatUser:
        if code == "blocked":
            raise WeChatUserBlocked
        return _user(self.mini_app, code)

    def official_account_user(self, code: str) -> WeChatUser:
        return _user(self.official_app, code)

    def authorize_url(self, *, return_to: str, state: str) -> str:
        mark = "&" if "?" in return_to else "?"
        return return_to + mark + urlencode({"code": "lan", "state": state})

    def phone_number(self, code: str) -> str:
        _check(code)
        if not PHONE.fullmatch(code):
            raise WeChatCodeInvalid
        return code

    def js_config(self, url: str, *, at: datetime) -> JsConfig:
        return sign_page(self.official_app, "sandbox-ticket", url, at)

    def is_decent(self, text: str, *, openid: str) -> bool:
        if text == "down":
            raise WeChatUnavailable
        return "indecent" not in text

    def check_picture(self, url: str, *, openid: str) -> PictureCheck:
        trace_id = hashlib.sha256(f"{openid}:{url}".encode()).hexdigest()[:32]
        return PictureCheck(trace_id, is_fine=True)

    def send_message(
        self, *, openid: str, template: str, fields: Mapping[str, str], page: str
    ) -> str:
        if template == "refused":
            raise MessageRefused
        return hashlib.sha256(f"{openid}:{template}".encode()).hexdigest()[:20]

    def mini_program_code(self, *, scene: str, page: str, env: str) -> bytes:
        _check(page)
        return _qr_code(f"{settings.PUBLIC_URL}/s/{scene}")


def _qr_code(link: str) -> bytes:
    """Return a PNG of 430 pixels, as WeChat's are."""
    code = QRCode()
    code.add_data(link)
    code.make()
    side = code.modules_count
    modules = Image.frombytes(
        "L", (side, side), bytes(0 if dark else 255 for row in code.modules for dark in row)
    )
    inner = CODE_SIDE // (side + QUIET_ZONE) * side
    picture = Image.new("L", (CODE_SIDE, CODE_SIDE), 255)
    place = (CODE_SIDE - inner) // 2
    picture.paste(modules.resize((inner, inner), Image.Resampling.NEAREST), (place, place))
    target = BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def _user(app_id: str, code: str) -> WeChatUser:
    _check(code)
    if not NAME.fullmatch(code):
        raise WeChatCodeInvalid
    openid = hashlib.sha256(f"{app_id}:{code}".encode()).hexdigest()[:28]
    return WeChatUser(app_id, openid, "" if code.endswith("-alone") else f"union-{code}")


def _check(code: str) -> None:
    if code == "used":
        raise WeChatCodeInvalid
    if code == "down":
        raise WeChatUnavailable
