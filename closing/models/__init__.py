from closing.models.difference import Control, Difference
from closing.models.document import Adjustment, Payroll, TreasuryDocument
from closing.models.flows import DayFlow, FoldedFlows
from closing.models.journal import JournalAccount, JournalFormat
from closing.models.run import ControlRun
from closing.models.statement import ProviderStatement, StatementLine
