from withdrawals.models.attempt import Attempt, Evidence, PayoutLease
from withdrawals.models.authorization import PayoutAuthorization
from withdrawals.models.batch import PayoutBatch, PayoutBatchLine
from withdrawals.models.channel import Channel
from withdrawals.models.manual_resolution import ManualResolution
from withdrawals.models.people import Payee, Person
from withdrawals.models.policy import Policy, RejectionReason
from withdrawals.models.tax import TaxEntry, TaxYear
from withdrawals.models.withdrawal import Withdrawal
