"""Read what a mall may know of its members: referrer, distributor and wallets."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, F, When
from django.utils.translation import gettext_lazy as _

from api.errors import NotFound
from common.errors import TwotierError
from common.keys import clean_key
from distribution.models import Distributor, Referral
from ledger.chart import Asset, Kind
from ledger.models import Account
from members.models import Identity, Member
from withdrawals.cash_accounts import CashAccounts
from withdrawals.requests.quote import withdrawable


class MemberUnknown(TwotierError):
    code = "member_unknown"
    message = _("There is no member “%(member)s”. Send the member first.")
    status = 422


@dataclass(frozen=True, slots=True)
class Wallet:
    """Amounts in fen, or points. ``withdrawable``: what the member could withdraw now."""

    balance: int = 0
    held: int = 0
    owed: int = 0
    withdrawable: int = 0


@dataclass(frozen=True, slots=True)
class MemberView:
    member: Member
    external_id: str
    metadata: dict[str, Any] | None
    referrer: str | None
    """The id in the mall; of one without such an id the public id."""
    referred_at: datetime | None
    distributor: Distributor | None
    wallets: dict[str, Wallet]


def read_member(external_id: str, *, at: datetime) -> MemberView | None:
    """Return the member with this id in the mall; of a merged one, the survivor."""
    identities = Identity.objects.select_related("member", "metadata")
    identity = identities.filter(provider=Identity.Provider.MALL, external_id=external_id).first()
    if identity is None:
        return None
    member = identity.member
    referral = (
        Referral.objects.filter(member__in=Member.objects.of_person(member.pk))
        .select_related("referrer")
        .order_by("at", "pk")
        .first()
    )
    distributors = Distributor.objects.filter(member=member).select_related("level")
    metadata = getattr(identity, "metadata", None)
    return MemberView(
        member=member,
        external_id=external_id,
        metadata=metadata.data if metadata else None,
        referrer=mall_ids([referral.referrer_id])[referral.referrer_id] if referral else None,
        referred_at=referral.at if referral else None,
        distributor=distributors.first(),
        wallets=_wallets(member, at),
    )


def get_member(external_id: str) -> Member:
    """Return the member with this id in the mall, or our own; of a merged one, the survivor.

    :raises MemberUnknown: the mall has not sent this member
    """
    members = Member.objects.all().with_identity(Identity.Provider.MALL, external_id)
    member = members.first() or _by_public_id(external_id)
    if member is None:
        raise MemberUnknown(member=external_id)
    return member


def find_member(external_id: str) -> Member:
    """Return the member with this id in an address.

    :raises NotFound: there is none
    """
    members = Member.objects.all().with_identity(Identity.Provider.MALL, clean_key(external_id))
    if member := members.first():
        return member
    raise NotFound


def _by_public_id(public_id: str) -> Member | None:
    member = Member.objects.filter(public_id=public_id).select_related("merged_into").first()
    return member and (member.merged_into or member)


def mall_ids(members: list[int]) -> dict[int, str]:
    """Return the ids in the mall by member key, in one query; else the public id.

    Those of a merged member are the survivor's.
    """
    rows = Member.objects.filter(pk__in=members).values_list("pk", "merged_into", "public_id")
    survivors = {pk: merged_into or pk for pk, merged_into, _public_id in rows}
    ids: dict[int, str] = {}
    identities = Identity.objects.filter(
        provider=Identity.Provider.MALL, member__in=set(survivors.values())
    )
    is_ours = Case(When(external_id=F("member__public_id"), then=1), default=0)
    own_first = identities.order_by(is_ours, F("moved_from").asc(nulls_first=True), "pk")
    for member, external_id in own_first.values_list("member", "external_id"):
        ids.setdefault(member, external_id)
    return {pk: ids.get(survivors[pk], public_id) for pk, _merged, public_id in rows}


def _wallets(member: Member, at: datetime) -> dict[str, Wallet]:
    accounts: dict[str, dict[str, Account]] = defaultdict(dict)
    for account in Account.objects.filter(member=member):
        accounts[account.asset][account.kind] = account
    wallets = {asset.value: Wallet() for asset in Asset}
    for asset, kinds in accounts.items():
        balances = {kind: row.balance or 0 for kind, row in kinds.items()}
        cash = asset == Asset.CASH
        wallets[asset] = Wallet(
            balance=balances.get(Kind.WALLET, 0),
            held=balances.get(Kind.HELD, 0),
            owed=balances.get(Kind.OWED, 0),
            withdrawable=_withdrawable(kinds, at) if cash else 0,
        )
    return wallets


def _withdrawable(kinds: dict[str, Account], at: datetime) -> int:
    cash = CashAccounts(kinds[Kind.WALLET], kinds[Kind.HELD], kinds[Kind.OWED])
    return withdrawable(cash, at=at)
