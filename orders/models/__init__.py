"""Orders, their refunds, and the distributors who earn on them."""

from orders.models.attribution import Attribution
from orders.models.closure import ClosureDecision
from orders.models.conflict import OrderAmendment, OrderConflict
from orders.models.order import Order, OrderLine, OrderQuerySet
from orders.models.policy import Policy
from orders.models.refund import Refund
from orders.models.share import OrderShare
