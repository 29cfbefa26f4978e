"""Build cards: all that a client needs to share something, ready before the tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings

from catalog.models import Product
from members.models import Member
from sharing import compound, targets
from sharing.codes import complete_target, target_of
from sharing.landing import landing_of
from sharing.links import link_of, poster_code
from sharing.models import Share
from sharing.targets import Target, TargetFacts, TargetUnknown

Channel, Kind = Share.Channel, Share.Target


@dataclass(frozen=True, slots=True)
class ChatCard:
    title: str
    path: str
    """Of the mini-program's page, with the share."""
    image: str
    """5:4."""


@dataclass(frozen=True, slots=True)
class TimelineCard:
    title: str
    query: str
    image: str
    """1:1."""


@dataclass(frozen=True, slots=True)
class H5Card:
    link: str
    title: str
    desc: str
    image: str


@dataclass(frozen=True, slots=True)
class Card:
    code: str
    scene: str
    """The scene of a code of the mini-program, at most 32 characters."""
    chat: ChatCard
    timeline: TimelineCard
    h5: H5Card
    qr_url: str
    """A QR code of the link, drawn by us."""
    wxa_code_url: str
    """The code of the mini-program; empty until WeChat has given it."""


def card(share: Share, at: datetime) -> Card | None:
    """Return the card of a stored share; ``None`` if its target is gone."""
    facts = targets.find(target_of(share), at=at)
    if facts is None:
        return None
    picture = poster_code(share)
    path = landing_of(share, facts).mini_path
    codes = dict.fromkeys(("chat", "moments", "other"), share.code)
    return _card(codes, facts, path, picture.url if picture else "")


def stored_card(share: Share, *, at: datetime) -> Card:
    """Return the card of a share that has just been opened.

    :raises TargetUnknown: the target has gone since
    """
    opened = card(share, at)
    if opened is None:
        raise TargetUnknown
    return opened


def card_of_code(share: Share, code: str, *, at: datetime) -> Card | None:
    """Return the card of a share under the code that opened it, which may be a compound one."""
    if share.pk and code == share.code:
        return card(share, at)
    facts = targets.find(target_of(share), at=at)
    if facts is None:
        return None
    codes = dict.fromkeys(("chat", "moments", "other"), code)
    return _card(codes, facts, landing_of(share, facts, code=code).mini_path, "")


def ready_card(member: Member, target: Target, at: datetime) -> Card | None:
    """Return the card of a share that need not exist: nothing is written.

    Its codes are compound, one for each way of sharing; the row comes with the first visit.

    :returns: ``None`` if the target is gone, or of a kind without compound codes
    """
    target = complete_target(member, target)
    parts = _parts(member, target)
    facts = targets.find(target, at=at) if parts else None
    if parts is None or facts is None:
        return None
    codes = {
        channel: compound.seal(compound.Parts(*parts, channel, compound.week_of(at)))
        for channel in (Channel.CHAT, Channel.MOMENTS, Channel.OTHER)
    }
    share = Share(member=member, target_kind=target.kind, target_id=target.id)
    path = landing_of(share, facts, code=codes[Channel.CHAT]).mini_path
    return _card({str(name): code for name, code in codes.items()}, facts, path, "")


def _parts(member: Member, target: Target) -> tuple[int, str, int] | None:
    if target.kind == Kind.PRODUCT:
        product = Product.objects.filter(public_id=target.id).only("pk").first()
        return (member.pk, target.kind, product.pk) if product else None
    is_own = target == complete_target(member, Target(target.kind))
    return (member.pk, target.kind, 0) if target.kind in compound.KINDS and is_own else None


def _card(codes: dict[str, str], facts: TargetFacts, path: str, wxa_code_url: str) -> Card:
    code = codes["other"]
    return Card(
        code=code,
        scene=code,
        chat=ChatCard(facts.title, path, facts.chat_picture_url or facts.picture_url),
        timeline=TimelineCard(
            facts.title,
            urlencode({"share": codes["moments"]}),
            facts.square_picture_url or facts.picture_url,
        ),
        h5=H5Card(
            link_of(code), facts.title, facts.description,
            facts.square_picture_url or facts.picture_url,
        ),
        qr_url=f"{settings.PUBLIC_URL}/api/v1/shares/{code}/qr",
        wxa_code_url=wxa_code_url,
    )  # fmt: skip
