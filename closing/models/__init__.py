from closing.models.difference import Control, Difference
from closing.models.document import Adjustment, Payroll, TreasuryDocument
from closing.models.statement import ProviderStatement, StatementLine
