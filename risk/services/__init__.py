"""Assess withdrawals and orders, and manage holds and cases."""

from risk.friends import FriendOrder
from risk.queries import evaluate_withdrawal, find_open_holds
from risk.services.cases import assign, close, note, open_case
from risk.services.clearing import clear_case
from risk.services.friend_assessment import screen_friends
from risk.services.holds import release
from risk.services.order_assessment import screen_changed_orders
from risk.services.settings import change_rule
from risk.services.withdrawal_assessment import assess_withdrawal
