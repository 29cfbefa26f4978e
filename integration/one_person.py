"""Save members of the mall who are also members by WeChat: one person, one member.

The mall sends a proof that the member's own client has got, or the ids that WeChat gave to the
mall. A proof says for both members that they are one; ids of WeChat are only the mall's word, so
they never open what a stranger has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.locks import advisory_lock
from distribution.services import lock_members
from integration.goods import CREATED
from integration.merges import has_nothing, merge_at_once, tell_merge
from integration.people import MALL, MemberReport, save_member
from members.models import Identity, Member, MemberMerge
from members.sessions.proofs import member_of_link_token
from members.sessions.wechat import UnknownApp, wechat

Provider = Identity.Provider

LINKED, PROPOSED, REFUSED = "linked", "proposed", "refused"
LINKS = (LINKED, PROPOSED, REFUSED)


class WeChatIdDiffers(TwotierError):
    code = "wechat_id_differs"
    message = _(
        "The member has another openid in this app, and openids do not change. Nothing was changed."
    )


@dataclass(frozen=True, slots=True)
class WeChatIds:
    """Whom WeChat knows under these ids; ``unionid`` may be empty."""

    app_id: str
    openid: str
    unionid: str = ""


@dataclass(frozen=True, slots=True)
class SavedMember:
    """``status`` as ``save_member`` returns it; ``link``: what became of the other member."""

    status: str
    link: str = ""


@transaction.atomic
def save_person(
    report: MemberReport,
    *,
    proof: str = "",
    wechat_ids: WeChatIds | None = None,
    source: str,
    at: datetime,
    by: models.Model,
) -> SavedMember:
    """Save a member of the mall, and merge them with the member whom they are in WeChat.

    A merge happens at once if one of both has nothing yet: without a proof, the member by WeChat.
    Otherwise people decide on it (``proposed``, ``refused``), and both stay as they are.

    :param proof: a token of ``members.sessions.proofs``
    :param source: who tells it, such as ``api:mall``
    :raises LinkTokenInvalid: the proof is wrong or too old
    :raises FeatureOff, UnknownApp: the shop has no such app
    :raises WeChatIdDiffers: the mall's member has another openid
    :raises AlreadyMerged, StaffNotMerged, WithdrawalOpen, DistributorFrozen: they cannot be merged
    :raises TwotierError: as ``save_member``
    """
    if not proof and wechat_ids is None:
        return SavedMember(save_member(report, at=at, by=by))
    ids = _ids(wechat_ids) if wechat_ids else {}
    # As in join_person: two requests about one person wait for each other.
    advisory_lock(*(f"identity:{provider}:{name}" for provider, name in ids.items()))
    other = member_of_link_token(proof, at=at) if proof else _owner(ids)
    known = Member.objects.all().with_identity(MALL, report.external_id).first()
    lock_members(*(row.pk for row in (known, other) if row))
    adopted = other is not None and _adopt(report.external_id, other, proven=bool(proof))
    status = save_member(report, at=at, by=by)
    member = Member.objects.all().with_identity(MALL, report.external_id).get()
    link = LINKED
    if other is not None and other.pk != member.pk:
        link = _merge(member, other, proven=bool(proof), source=source, at=at, by=by)
    if link == LINKED and ids:
        _add_ids(report.external_id, ids)
    return SavedMember(CREATED if adopted else status, link)


def _ids(given: WeChatIds) -> dict[Provider, str]:
    """Return the ids by provider, the most certain one first."""
    gateway = wechat()
    providers = {
        gateway.mini_app: Provider.WECHAT_MINI,
        gateway.official_app: Provider.WECHAT_OFFICIAL,
    }
    provider = providers.get(given.app_id) if given.app_id else None
    if provider is None:
        raise UnknownApp
    ids = {provider: given.openid}
    return ids | {Provider.WECHAT_UNION: given.unionid} if given.unionid else ids


def _owner(ids: Mapping[Provider, str]) -> Member | None:
    for provider, name in ids.items():
        if member := Member.objects.all().with_identity(provider, name).first():
            return member
    return None


def _adopt(external_id: str, other: Member, *, proven: bool) -> bool:
    """Give a new id of the mall to the member by WeChat, if it is their first one."""
    if Identity.objects.filter(provider=MALL, external_id=external_id).exists():
        return False
    if _has_mall_id(other) or not (proven or has_nothing(other)):
        return False
    try:
        with transaction.atomic():
            Identity.objects.create(member=other, provider=MALL, external_id=external_id)
    except IntegrityError:  # an order has named the same member at the same moment
        return False
    return True


def _has_mall_id(member: Member) -> bool:
    """Whether the mall has another id of the member than our own."""
    ids = member.identities.filter(provider=MALL)
    return ids.exclude(external_id=F("member__public_id")).exists()


def _merge(
    member: Member, other: Member, *, proven: bool, source: str, at: datetime, by: models.Model
) -> str:
    """Merge the mall's member and the member by WeChat, or tell people to decide."""
    if not _has_mall_id(other):  # else two customers of the mall would become one
        if merge_at_once(merged=other, survivor=member, source=source, at=at, by=by):
            return LINKED
        if proven and merge_at_once(merged=member, survivor=other, source=source, at=at, by=by):
            return LINKED
    told = tell_merge(merged=other, survivor=member, source=source, at=at, by=by)
    return REFUSED if told.status == MemberMerge.Status.REFUSED else PROPOSED


def _add_ids(external_id: str, ids: Mapping[Provider, str]) -> None:
    """Add ids that nobody has to the member, who signs in with them from now on."""
    member = Member.objects.all().with_identity(MALL, external_id).get()
    taken = Identity.objects.all()
    new = {
        provider: name
        for provider, name in ids.items()
        if not taken.filter(provider=provider, external_id=name).exists()
    }
    if member.identities.filter(provider__in=new).exclude(provider=Provider.WECHAT_UNION).exists():
        raise WeChatIdDiffers
    Identity.objects.bulk_create(
        Identity(member=member, provider=provider, external_id=name)
        for provider, name in new.items()
    )
