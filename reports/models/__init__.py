"""What distributors sold and earned, added up by period, so that a screen reads a few rows."""

from reports.models.buyers import BuyerChange, BuyerMonth, Retention
from reports.models.figures import Delta, PeriodFigures, Sums
from reports.models.movements import FoldedTransfers, MonthMovements
from reports.models.sales import OrderProvince, SalesDelta, SalesFigures, SalesSums
from reports.models.shares import ShareDelta, ShareFigures, ShareSums
from reports.models.shop import ShopDay
from reports.models.teams import TeamChange, TeamMember, TeamSize
from reports.models.visits import VisitDelta, VisitFigures, VisitSums
