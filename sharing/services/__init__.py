"""Open shares, count visits, bind by them, and edit what distributors publish."""

from sharing.services.enabling import change_policy, disable_share, enable_share
from sharing.services.homes import clear_home, save_home
from sharing.services.joining import join_visits
from sharing.services.landing_pages import remove_landing, set_landing
from sharing.services.mini_codes import fetch_codes, request_code
from sharing.services.orders import SharedOrder, bind_by_share, resolve_order_shares
from sharing.services.retention import forget_traces
from sharing.services.shares import open_share, save_share
from sharing.services.visits import VisitResult, record_page, record_visit
