"""The ledger's verbs. Money moves here and nowhere else."""

from ledger.services.accounts import account, open_wallets, platform
from ledger.services.corrections import NotReversible, reverse, take_back
from ledger.services.refusals import InsufficientFunds, KeyReused, RefusedPosting
from ledger.services.transfers import Posted, Posting, Select, Source, transfer, transfer_many

__all__ = [
    "InsufficientFunds",
    "KeyReused",
    "NotReversible",
    "Posted",
    "Posting",
    "RefusedPosting",
    "Select",
    "Source",
    "account",
    "open_wallets",
    "platform",
    "reverse",
    "take_back",
    "transfer",
    "transfer_many",
]
