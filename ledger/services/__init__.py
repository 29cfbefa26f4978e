"""The ledger's verbs. Money moves here and nowhere else."""

from ledger.services.accounts import account, open_wallets, platform, platform_keys
from ledger.services.corrections import NotReversible, reverse, take_back
from ledger.services.periods import (
    AlreadyClosed,
    AlreadySigned,
    NotTheNextMonth,
    expect_next,
    seal,
    sign,
    stop_postings,
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
    "expect_next",
    "open_wallets",
    "platform",
    "platform_keys",
    "reverse",
    "seal",
    "sign",
    "stop_postings",
    "take_back",
    "transfer",
    "transfer_many",
]
