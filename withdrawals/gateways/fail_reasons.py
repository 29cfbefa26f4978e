"""Classify WeChat Pay's fail reasons by who can act on them.

The codes come from the provider's list for merchant transfers; an unlisted code is UNKNOWN.
"""

from __future__ import annotations

from enum import StrEnum


class FailureClass(StrEnum):
    """Who must act on a failure."""

    MEMBER_MUST_ACT = "member_must_act"
    """Their account, name or card: retry only after they have corrected it."""
    WAIT = "wait"
    """A limit of the day or month."""
    WE_MUST_ACT = "we_must_act"
    """Our account, permissions or settings."""
    NEUTRAL = "neutral"
    """Nothing is wrong: it was not collected in time or was cancelled."""
    RISK = "risk"
    """The provider suspects a risk and gives no details."""
    UNKNOWN = "unknown"
    """A person must look at it; nothing is retried automatically."""


CODES_BY_CLASS: dict[FailureClass, tuple[str, ...]] = {
    FailureClass.MEMBER_MUST_ACT: (
        "ACCOUNT_FROZEN",
        "ACCOUNT_NOT_EXIST",
        "BANK_CARD_ACCOUNT_ABNORMAL",
        "BANK_CARD_BANK_INFO_WRONG",
        "BANK_CARD_CARD_INFO_WRONG",
        "BANK_CARD_COLLECTIONS_ABOVE_QUOTA",
        "BANK_CARD_PARAM_ERROR",
        "BANK_CARD_STATUS_ABNORMAL",
        "ID_CARD_NOT_CORRECT",
        "NAME_NOT_CORRECT",
        "OPENID_INVALID",
        "PAYEE_ACCOUNT_ABNORMAL",
        "REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED",
        "REAL_NAME_CHECK_FAIL",
    ),
    FailureClass.WAIT: (
        "BLOCK_B2C_USERLIMITAMOUNT_BSRULE_MONTH",
        "BLOCK_B2C_USERLIMITAMOUNT_MONTH",
        "DAY_RECEIVED_COUNT_EXCEED",
        "DAY_RECEIVED_QUOTA_EXCEED",
        "TRANSFER_QUOTA_EXCEED",
    ),
    FailureClass.WE_MUST_ACT: (
        "BUDGET_NOT_ENOUGH",
        "EXCEEDED_ESTIMATED_AMOUNT",
        "MERCHANT_NOT_CONFIRM",  # the payout password of the merchant's console
        "MERCHANT_REJECT",
        "PAYER_ACCOUNT_ABNORMAL",
        "PRODUCT_AUTH_CHECK_FAIL",
        "RECEIVE_ACCOUNT_NOT_CONFIGURE",
        "RELATED_ORDER_TRANSFER_AMOUNT_EXCEED",
        "RELATED_ORDER_TRANSFER_COUNT_EXCEED",
        "RESERVATION_INFO_NOT_MATCH",
        "RESERVATION_SCENE_NOT_MATCH",
        "RESERVATION_STATE_INVALID",
        "TRANSFER_REMARK_SET_FAIL",
        "TRANSFER_SCENE_INVALID",
        "TRANSFER_SCENE_UNAVAILABLE",
    ),
    FailureClass.NEUTRAL: ("MCH_CANCEL", "OVERDUE_CLOSE"),
    FailureClass.RISK: ("OTHER_FAIL_REASON_TYPE", "TRANSFER_RISK"),
}

_CLASS_OF = {code: kind for kind, codes in CODES_BY_CLASS.items() for code in codes}


def classify(code: str) -> FailureClass:
    """Return the class of a provider's ``fail_reason``; UNKNOWN for an unlisted one."""
    return _CLASS_OF.get(code, FailureClass.UNKNOWN)
