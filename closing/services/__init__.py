"""Comparing the books with the world, and closing them."""

from closing.services.reconciling import (
    DifferenceClosed,
    NotAllowed,
    assign,
    close_difference,
    reconcile,
)
from closing.services.signing import NotGreen, sign_month

__all__ = [
    "DifferenceClosed",
    "NotAllowed",
    "NotGreen",
    "assign",
    "close_difference",
    "reconcile",
    "sign_month",
]
