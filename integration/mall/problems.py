"""What is wrong with the files: each problem with its place, grouped by kind for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAX_SHOWN_PER_KIND = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem, and what to do about it in the spreadsheet."""

    title: str | Promise
    advice: str | Promise
    concerns_file: bool = False
    """The file as a whole, so that no order can be left out for it."""


UNREADABLE = Kind(
    gettext_lazy("Files that cannot be read"),
    gettext_lazy("Save the file again from the spreadsheet, as .xlsx or as CSV."),
    concerns_file=True,
)
HEADER = Kind(
    gettext_lazy("Column names"),
    gettext_lazy(
        "Give the columns in the first row the names of docs/importing.md, each once, and delete"
        " the other columns."
    ),
    concerns_file=True,
)
SUM_ROW = Kind(
    gettext_lazy("Sum rows"), gettext_lazy("Delete this row."), concerns_file=True
)  # fmt: skip
DAMAGED = Kind(
    gettext_lazy("Ids that the spreadsheet has damaged"),
    gettext_lazy(
        "Format the column as text, paste the ids again from the mall's own export, and save."
    ),
)
RATE = Kind(
    gettext_lazy("Commission rates"),
    gettext_lazy("Write 10% for a percentage, or yuan a unit with two decimals, such as 0.10."),
)
AMOUNT = Kind(
    gettext_lazy("Amounts"),
    gettext_lazy("Write yuan with at most two decimals, such as 1234.50."),
)
NUMBER = Kind(gettext_lazy("Numbers"), gettext_lazy("Write a whole number."))
TIME = Kind(
    gettext_lazy("Times"),
    gettext_lazy(
        "Write year, month, day and time, such as 2025/1/5 9:03, or format the cells as date and"
        " time."
    ),
)
TEXT = Kind(
    gettext_lazy("Texts that are empty, too long or not readable"),
    gettext_lazy(
        "Fill in or shorten the cell. Of merged cells only the first has a text: unmerge them and"
        " fill in each."
    ),
)
CHOICE = Kind(
    gettext_lazy("Values that do not exist"),
    gettext_lazy("Write one of the values that the message names."),
)
REFERENCE = Kind(
    gettext_lazy("References to rows that do not exist"),
    gettext_lazy("Add the row to the other file, or correct the id in this one."),
)
DUPLICATE = Kind(
    gettext_lazy("Rows that exist twice"),
    gettext_lazy("Delete one of the rows, or correct its number."),
)
CONTRADICTION = Kind(
    gettext_lazy("Values that contradict each other"),
    gettext_lazy("Find out which value is right, and correct the other one."),
)
IMPLAUSIBLE = Kind(
    gettext_lazy("Values that cannot be true"),
    gettext_lazy("Find out the right value in the mall, and correct it."),
)
BINDING = Kind(
    gettext_lazy("Uplines"),
    gettext_lazy("Correct the upline or the times of the binding."),
)
RULE = Kind(
    gettext_lazy("Commission rules that cannot apply"),
    gettext_lazy("Correct the rule as the message says."),
)
PLAN = Kind(
    gettext_lazy("Commission plans that stay in force"),
    gettext_lazy("Check the days in the column “from” of rules.csv."),
)
STORED = Kind(
    gettext_lazy("Values that differ from what is stored"),
    gettext_lazy(
        "An import does not change what is stored: put the stored value into the file, or leave"
        " the order out with --skip-bad."
    ),
)
STATUS = Kind(
    gettext_lazy("Statuses that contradict the times"),
    gettext_lazy(
        "The times count, not the status. Check that the export has all columns with times, or use"
        " --until if the file is older than the stored orders."
    ),
)
ROUNDED = Kind(
    gettext_lazy("Ids that a spreadsheet may have rounded"),
    gettext_lazy(
        "Compare the last digits with the mall. If they differ, format the column as text and"
        " paste the ids again."
    ),
)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A problem and its place; the line is the row of the spreadsheet, 0 the file."""

    file: str
    line: int
    column: str
    message: str
    kind: Kind = field(compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.column}: {self.message}"


Headers = Mapping[tuple[str, str], str]
"""The name that a file gives to a column, by file and column."""


def describe(problems: Iterable[Problem], headers: Headers) -> Iterator[str]:
    """Yield lines for people: each kind with its count, what to do, and the first places."""
    for kind, group in by_kind(problems).items():
        yield f"{kind.title}: {len(group)}"
        yield "  " + _("What to do: %(advice)s") % {"advice": kind.advice}
        for problem in islice(group, MAX_SHOWN_PER_KIND):
            yield f"  {replace(problem, column=written_column(problem, headers))}"
        if (rest := len(group) - MAX_SHOWN_PER_KIND) > 0:
            yield "  " + _("and %(count)s more; --report FILE.xlsx marks all") % {"count": rest}


def written_column(problem: Problem, headers: Headers) -> str:
    """Return the column as the file names it."""
    return headers.get((problem.file, problem.column), problem.column)


def by_kind(problems: Iterable[Problem]) -> dict[Kind, list[Problem]]:
    """Group problems without repetitions, the most frequent kind first."""
    groups: dict[Kind, list[Problem]] = {}
    for problem in sorted(set(problems)):
        groups.setdefault(problem.kind, []).append(problem)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))
