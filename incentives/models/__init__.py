from incentives.models.award import Award, AwardPosting, Budget
from incentives.models.back_test import BackTest, BackTestCount, BackTestMember
from incentives.models.benefit import PointsFactor
from incentives.models.gift import GiftTask, cancelled_gift, given_by
from incentives.models.incentive import (
    Audience,
    Incentive,
    Metric,
    PeriodKind,
    Reward,
    Version,
)
from incentives.models.level import (
    DistributorLevel,
    LadderLevel,
    LevelAward,
    LevelCondition,
    LevelPin,
    LevelReview,
    LevelWarning,
)
from incentives.models.policy import Policy
from incentives.models.progress import Contribution, PeriodClosing, Progress, TeamPool
from incentives.models.proof import Proof
