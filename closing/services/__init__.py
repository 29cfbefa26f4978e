"""Comparing the books with the world, and closing them."""

from closing.services.adjusting import (
    KeyReused,
    NotYours,
    post_adjustment,
    propose_adjustment,
    refuse_adjustment,
)
from closing.services.exporting import export_payroll, export_withholding, statement_sheet
from closing.services.fetching import fetch_bill
from closing.services.importing import (
    AnotherBill,
    Imported,
    NotABill,
    WrongHash,
    import_bill,
    match_suspended,
)
from closing.services.payroll import hand_over_bonuses
from closing.services.reconciling import (
    DifferenceClosed,
    assign,
    close_difference,
    reconcile,
)
from closing.services.refusals import NoReason, NotAllowed
from closing.services.signing import NotGreen, seal_closed, sign_month
from closing.services.treasury import (
    DocumentReused,
    NotADocument,
    NotPayable,
    book_bank_payment,
    explain_row,
    remit_tax,
    top_up,
    write_off,
)

__all__ = [
    "AnotherBill",
    "DifferenceClosed",
    "DocumentReused",
    "Imported",
    "KeyReused",
    "NoReason",
    "NotABill",
    "NotADocument",
    "NotAllowed",
    "NotGreen",
    "NotPayable",
    "NotYours",
    "WrongHash",
    "assign",
    "book_bank_payment",
    "close_difference",
    "explain_row",
    "export_payroll",
    "export_withholding",
    "fetch_bill",
    "hand_over_bonuses",
    "import_bill",
    "match_suspended",
    "post_adjustment",
    "propose_adjustment",
    "reconcile",
    "refuse_adjustment",
    "remit_tax",
    "seal_closed",
    "sign_month",
    "statement_sheet",
    "top_up",
    "write_off",
]
