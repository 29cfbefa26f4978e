"""The data of a poster, complete: drawing asks neither the database nor the network.

All classes are values, and keys of the cache of layers: so pictures are compared by their keys, not
by their bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

FEN = 100


@dataclass(frozen=True, slots=True)
class ProductData:
    """Prices in fen; ``picture`` is a JPEG, PNG or WebP, preferably at most 1080 pixels wide."""

    title: str
    price_fen: int | None = None
    strike_fen: int | None = None
    picture: bytes | None = field(default=None, compare=False, repr=False)
    picture_key: str = ""
    badge: str = ""
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", tuple(self.tags))
        object.__setattr__(self, "picture_key", _key(self.picture, self.picture_key))


@dataclass(frozen=True, slots=True)
class UserData:
    """The sharer; ``avatar`` is a JPEG, PNG or WebP."""

    nickname: str = ""
    avatar: bytes | None = field(default=None, compare=False, repr=False)
    avatar_key: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "avatar_key", _key(self.avatar, self.avatar_key))


@dataclass(frozen=True, slots=True)
class ShareData:
    """``link`` is drawn as a QR code, unless ``code_picture`` has a mini-program code."""

    link: str
    code_picture: bytes | None = field(default=None, repr=False)
    line: str = ""


@dataclass(frozen=True, slots=True)
class ShopData:
    """``is_ad`` marks the poster as advertising."""

    name: str = ""
    logo: bytes | None = field(default=None, repr=False)
    slogan: str = ""
    cta: str = ""
    cta2: str = ""
    footer: str = ""
    is_ad: bool = True


@dataclass(frozen=True, slots=True)
class PosterData:
    """All data of one poster; ``product`` is ``None`` for home pages and recruitment."""

    share: ShareData
    product: ProductData | None = None
    user: UserData = field(default_factory=UserData)
    shop: ShopData = field(default_factory=ShopData)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished poster: a JPEG, and its size in pixels.

    ``qr_text`` is the text that was read from the QR code. Only WeChat can read a mini-program
    code: then ``qr_text`` is empty, and ``is_qr_readable`` only says that the picture was drawn.
    """

    content: bytes = field(repr=False)
    width: int
    height: int
    is_qr_readable: bool
    qr_text: str


def price_text(fen: int | None) -> str:
    """Format a price as posters show it: whole yuan without fen, else two decimals."""
    if fen is None or fen < 0:
        return ""
    yuan, rest = divmod(fen, FEN)
    return f"{yuan}.{rest:02}" if rest else str(yuan)


def _key(content: bytes | None, key: str) -> str:
    if content is None:
        return ""
    return key or sha256(content).hexdigest()
