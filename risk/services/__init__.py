"""The room's verbs."""

from risk.queries import judge_withdrawal, open_holds
from risk.services.assessing import Verdict, assess_withdrawal
from risk.services.cases import CaseOpen, StillHolds, assign, close, note, open_case
from risk.services.releasing import AlreadyReleased, NotYours, release
from risk.services.screening import screen, screen_orders
from risk.services.settings import NotASetting, change_rule

__all__ = [
    "AlreadyReleased",
    "CaseOpen",
    "NotASetting",
    "NotYours",
    "StillHolds",
    "Verdict",
    "assess_withdrawal",
    "assign",
    "change_rule",
    "close",
    "judge_withdrawal",
    "note",
    "open_case",
    "open_holds",
    "release",
    "screen",
    "screen_orders",
]
