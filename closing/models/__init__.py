from closing.models.bill import BillFile, BillRow
from closing.models.difference import Control, Difference
from closing.models.document import Adjustment, Document, Payroll

__all__ = [
    "Adjustment",
    "BillFile",
    "BillRow",
    "Control",
    "Difference",
    "Document",
    "Payroll",
]
