"""Comparing the books with the world, and closing them."""

from closing.services.adjusting import (
    KeyReused,
    post_adjustment,
    propose_adjustment,
    refuse_adjustment,
)
from closing.services.exporting import export_payroll, export_withholding, statement_sheet
from closing.services.fetching import DayNotOver, fetch_bill, missing_days
from closing.services.importing import (
    AnotherBill,
    Imported,
    NotABill,
    WrongHash,
    import_bill,
    match_suspended,
)
from closing.services.payroll import NotYet, hand_over_bonuses
from closing.services.reconciling import (
    DifferenceClosed,
    assign,
    close_difference,
    reconcile,
)
from closing.services.refusals import NoReason, NotAllowed, NotYours
from closing.services.reversing import NotReversible, reverse_document
from closing.services.signing import NotGreen, StillPaying, seal_closed, sign_month
from closing.services.treasury import (
    DocumentReused,
    MayBeOurs,
    MoreThanPayable,
    NotADocument,
    NotPayable,
    book_bank_payment,
    book_bank_return,
    explain_row,
    remit_tax,
    top_up,
    write_off,
)

__all__ = [
    "AnotherBill",
    "DayNotOver",
    "DifferenceClosed",
    "DocumentReused",
    "Imported",
    "KeyReused",
    "MayBeOurs",
    "MoreThanPayable",
    "NoReason",
    "NotABill",
    "NotADocument",
    "NotAllowed",
    "NotGreen",
    "NotPayable",
    "NotReversible",
    "NotYet",
    "NotYours",
    "StillPaying",
    "WrongHash",
    "assign",
    "book_bank_payment",
    "book_bank_return",
    "close_difference",
    "explain_row",
    "export_payroll",
    "export_withholding",
    "fetch_bill",
    "hand_over_bonuses",
    "import_bill",
    "match_suspended",
    "missing_days",
    "post_adjustment",
    "propose_adjustment",
    "reconcile",
    "refuse_adjustment",
    "remit_tax",
    "reverse_document",
    "seal_closed",
    "sign_month",
    "statement_sheet",
    "top_up",
    "write_off",
]
