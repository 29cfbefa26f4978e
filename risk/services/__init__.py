"""Assess withdrawals and orders, and manage holds and cases."""

from risk.queries import evaluate_withdrawal, open_holds
from risk.services.cases import CaseAlreadyOpen, CaseHasOpenHolds, assign, close, note, open_case
from risk.services.hold_release import AlreadyReleased, SelfReleaseForbidden, release
from risk.services.order_assessment import screen_changed_orders, screen_orders
from risk.services.settings import InvalidRuleSettings, change_rule
from risk.services.withdrawal_assessment import Verdict, assess_withdrawal

__all__ = [
    "AlreadyReleased",
    "CaseAlreadyOpen",
    "CaseHasOpenHolds",
    "InvalidRuleSettings",
    "SelfReleaseForbidden",
    "Verdict",
    "assess_withdrawal",
    "assign",
    "change_rule",
    "close",
    "evaluate_withdrawal",
    "note",
    "open_case",
    "open_holds",
    "release",
    "screen_changed_orders",
    "screen_orders",
]
