"""Post a text to a group robot of WeCom, Feishu or DingTalk by its webhook."""

from __future__ import annotations

import base64
import hmac
import time
from typing import Any
from urllib.parse import urlsplit

import requests

KIND_BY_HOST = {
    "qyapi.weixin.qq.com": "wecom",
    "open.feishu.cn": "feishu",
    "open.larksuite.com": "feishu",
    "oapi.dingtalk.com": "dingtalk",
}
KINDS = ("wecom", "feishu", "dingtalk")
SIGNED_KINDS = ("feishu", "dingtalk")
TIMEOUTS = (3, 5)  # seconds to connect and to read
MAX_BYTES = 2_000  # WeCom refuses texts of more than 2,048


class RobotFailed(Exception):
    """The robot did not take the message. The text does not repeat the URL, which is a secret."""


def kind_of(url: str) -> str:
    """Return the kind of the robot at this URL, or an empty text for another host."""
    return KIND_BY_HOST.get(urlsplit(url).hostname or "", "")


def post(url: str, kind: str, text: str, *, secret: str = "") -> None:
    """Post a text, cut to what every robot takes.

    :param secret: of a robot of DingTalk or Feishu whose security setting is the signature (加签)
    :raises RobotFailed: it was not delivered
    """
    body, parameters = _body(kind, _cut(text)), None
    if secret and kind == "dingtalk":
        parameters = _dingtalk_signature(secret)
    elif secret and kind == "feishu":
        body |= _feishu_signature(secret)
    try:
        response = requests.post(
            url, params=parameters, json=body, timeout=TIMEOUTS, allow_redirects=False
        )
        reply = response.json()
    except (requests.RequestException, ValueError) as failure:
        raise RobotFailed(f"the robot does not answer ({type(failure).__name__})") from None
    if not response.ok or not isinstance(reply, dict):
        raise RobotFailed(f"the robot answered with HTTP status {response.status_code}")
    # WeCom and DingTalk report errors in errcode, Feishu in code, with HTTP status 200.
    code = reply.get("errcode", reply.get("code", reply.get("StatusCode")))
    if code != 0:
        raise RobotFailed(f"the robot refused the message with code {code}")


def _body(kind: str, text: str) -> dict[str, Any]:
    if kind == "feishu":
        return {"msg_type": "text", "content": {"text": text}}
    return {"msgtype": "text", "text": {"content": text}}


def _dingtalk_signature(secret: str) -> dict[str, str]:
    """Return the parameters of the URL, as DingTalk documents them: valid for an hour."""
    timestamp = str(round(time.time() * 1_000))
    return {"timestamp": timestamp, "sign": _hmac(secret, f"{timestamp}\n{secret}")}


def _feishu_signature(secret: str) -> dict[str, str]:
    """Return the fields of the body, as Feishu documents them: the text is the key."""
    timestamp = str(round(time.time()))
    return {"timestamp": timestamp, "sign": _hmac(f"{timestamp}\n{secret}", "")}


def _hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), "sha256")).decode()


def _cut(text: str) -> str:
    encoded = text.encode()
    if len(encoded) <= MAX_BYTES:
        return text
    return encoded[:MAX_BYTES].decode(errors="ignore") + "…"
