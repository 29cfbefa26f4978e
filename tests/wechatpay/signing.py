"""Keys, and what is signed, verified and encrypted with them, as API v3 does it."""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SCHEME = "WECHATPAY2-SHA256-RSA2048"
OAEP_SHA1 = OAEP(mgf=MGF1(algorithm=SHA1()), algorithm=SHA1(), label=None)
FRESH_SECONDS = 300


class BadRequestSignature(Exception):
    """The merchant's Authorization header proves nothing."""


@dataclass(frozen=True)
class Keys:
    """Both sides' keys: a test hands the merchant's to the gateway, the server keeps the rest."""

    merchant: RSAPrivateKey
    platform: RSAPrivateKey
    api_v3_key: str
    merchant_serial: str
    platform_serial: str

    @classmethod
    def generate(cls) -> Keys:
        return cls(
            merchant=generate_private_key(65537, 2048),
            platform=generate_private_key(65537, 2048),
            api_v3_key=secrets.token_hex(16),
            merchant_serial=secrets.token_hex(20).upper(),
            platform_serial=f"PUB_KEY_ID_{secrets.randbelow(10**28):028}",
        )

    @classmethod
    @cache
    def shared(cls) -> Keys:
        """Made once a process: making them takes longer than most tests."""
        return cls.generate()

    @classmethod
    def load_or_create(cls, folder: Path) -> Keys:
        """Those of the folder, made there if it has none."""
        words = folder / "keys.json"
        if not words.exists():
            folder.mkdir(parents=True, exist_ok=True)
            made = cls.generate()
            (folder / "merchant.pem").write_text(made.merchant_pem)
            (folder / "platform.pem").write_text(_pem(made.platform))
            (folder / "platform_public.pem").write_text(made.platform_public_pem)
            names = ("api_v3_key", "merchant_serial", "platform_serial")
            words.write_text(json.dumps({name: getattr(made, name) for name in names}))
        return cls(
            merchant=_load((folder / "merchant.pem").read_bytes()),
            platform=_load((folder / "platform.pem").read_bytes()),
            **json.loads(words.read_text()),
        )

    @property
    def merchant_pem(self) -> str:
        return _pem(self.merchant)

    @property
    def platform_public_pem(self) -> str:
        public = self.platform.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    # --- what the merchant has signed or encrypted ---------------------------------------

    def check_request(
        self, method: str, path: str, authorization: str, body: bytes, *, merchant: str
    ) -> None:
        """Accept what this merchant has signed in these five minutes.

        :raises BadRequestSignature: anything else
        """
        scheme, _, rest = authorization.partition(" ")
        parts = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        mine = (SCHEME, merchant, self.merchant_serial)
        if (scheme, parts.get("mchid"), parts.get("serial_no")) != mine:
            raise BadRequestSignature
        if abs(time.time() - int(parts.get("timestamp", 0))) > FRESH_SECONDS:
            raise BadRequestSignature
        signed = f"{method}\n{path}\n{parts['timestamp']}\n{parts['nonce_str']}\n".encode()
        signature = base64.b64decode(parts["signature"])
        try:
            self.merchant.public_key().verify(
                signature, signed + body + b"\n", PKCS1v15(), SHA256()
            )
        except InvalidSignature:
            raise BadRequestSignature from None

    def decrypt_name(self, encrypted: str) -> str:
        return self.platform.decrypt(base64.b64decode(encrypted), OAEP_SHA1).decode()

    # --- what the platform signs or encrypts ---------------------------------------------

    def sign(self, body: bytes, *, timestamp: int | None = None) -> dict[str, str]:
        """The five headers of an answer or a notice."""
        timestamp = int(time.time()) if timestamp is None else timestamp
        nonce = secrets.token_hex(16)
        signed = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = self.platform.sign(signed, PKCS1v15(), SHA256())
        return {
            "Wechatpay-Timestamp": str(timestamp),
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
            "Wechatpay-Serial": self.platform_serial,
            "Wechatpay-Signature-Type": SCHEME,
        }

    def encrypt_name(self, name: str) -> str:
        """A name as the merchant alone reads it."""
        encrypted = self.merchant.public_key().encrypt(name.encode(), OAEP_SHA1)
        return base64.b64encode(encrypted).decode()

    def seal(self, said: Mapping[str, Any], *, kind: str) -> dict[str, str]:
        """The resource of a notice."""
        nonce = secrets.token_hex(6)
        plain = json.dumps(said, ensure_ascii=False).encode()
        sealed = AESGCM(self.api_v3_key.encode()).encrypt(nonce.encode(), plain, kind.encode())
        return {
            "original_type": kind,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": base64.b64encode(sealed).decode(),
            "associated_data": kind,
            "nonce": nonce,
        }


def _pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _load(pem: bytes) -> RSAPrivateKey:
    key = load_pem_private_key(pem, password=None)
    assert isinstance(key, RSAPrivateKey)
    return key
