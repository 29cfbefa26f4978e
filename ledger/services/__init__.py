"""The ledger's verbs. Money moves here and nowhere else."""

from ledger.services.accounts import account, open_wallets, platform
from ledger.services.corrections import NotReversible, reverse, take_back
from ledger.services.periods import (
    AlreadyClosed,
    AlreadySigned,
    NotTheNextMonth,
    seal,
    sign,
)
from ledger.services.refusals import InsufficientFunds, KeyReused, RefusedPosting
from ledger.services.transfers import Posted, Posting, Select, Source, transfer, transfer_many

__all__ = [
    "AlreadyClosed",
    "AlreadySigned",
    "InsufficientFunds",
    "KeyReused",
    "NotReversible",
    "NotTheNextMonth",
    "Posted",
    "Posting",
    "RefusedPosting",
    "Select",
    "Source",
    "account",
    "open_wallets",
    "platform",
    "reverse",
    "seal",
    "sign",
    "take_back",
    "transfer",
    "transfer_many",
]
