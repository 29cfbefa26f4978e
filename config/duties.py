"""What permissions mean, in sentences: what each role may see and do, and what nobody does alone.

The page "Roles" reads out the permissions that a group has in the database by these sentences. A
permission belongs to the first duty with a pattern that matches it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Duty:
    """What permissions that match any of the patterns allow."""

    sentence: Any
    patterns: tuple[str, ...]

    def __init__(self, sentence: Any, *patterns: str) -> None:
        object.__setattr__(self, "sentence", sentence)
        object.__setattr__(self, "patterns", patterns)

    def covers(self, permission: str) -> bool:
        return any(fnmatchcase(permission, pattern) for pattern in self.patterns)


@dataclass(frozen=True)
class Subject:
    title: Any
    duties: tuple[Duty, ...]


SUBJECTS = (
    Subject(_("May do"), (
        Duty(_("Approve and reject applications."), "distribution.[acd]*_application"),
        Duty(_("Say what each level of distributors asks for."),
             "incentives.[acd]*_levelcondition"),
        Duty(_("Pin the level of a distributor, with a reason."), "incentives.pin_level"),
        Duty(_("Send the gifts that incentives give."), "incentives.[acd]*_gifttask"),
        Duty(_("Approve and reject the pictures that members hand in as proofs."),
             "incentives.decide_proof"),
        Duty(_("Confirm the awards of a contest whose incentive another person published."),
             "incentives.confirm_closing"),
        Duty(_("Suspend, freeze and exit distributors, and give them a segment."),
             "distribution.[acd]*_distributor", "distribution.[acd]*_distributorperiod"),
        Duty(_("Change the upline of a member within 30 days, with a reason."),
             "distribution.[acd]*_binding", "distribution.[acd]*_referral"),
        Duty(_("Set how members become distributors and how bindings work."),
             "distribution.[acd]*"),
        Duty(_("Edit the grade and the tags of members."),
             "members.change_member", "members.[acd]*_tag", "members.[acd]*_membergrade"),
        Duty(_("See the phone number of a member; each look is recorded with its reason."),
             "members.unmask_contact"),
        Duty(_("Lock members out and let them in again."), "members.lock_member"),
        Duty(_("Propose that two accounts of one person become one."), "members.propose_merge"),
        Duty(_("Decide on such proposals."), "members.decide_merge"),
        Duty(_("Publish the agreements that members accept."), "members.[acd]*_agreement"),
        Duty(_("Set the days of protection and what else counts for orders."),
             "orders.change_policy"),
        Duty(_("Decide which value counts if sources of an order disagree."),
             "orders.decide_orderconflict"),
        Duty(_("Draft commission plans and hand them over."),
             "commissions.[acd]*_plan", "commissions.[acd]*_rule"),
        Duty(_("Publish a plan that another person drafted."), "commissions.publish_plan"),
        Duty(_("Draft incentives and hand them over."), "incentives.[acd]*_version"),
        Duty(_("Publish an incentive that another person drafted, and stop incentives."),
             "incentives.publish_version"),
        Duty(_("Set how much awards may come to, and when a second person confirms them."),
             "incentives.change_policy"),
        Duty(_("Answer claims of distributors and release held commissions."),
             "commissions.change_*"),
        Duty(_("Set risk rules, and decide on what they hold."), "risk.[acd]*"),
        Duty(_("Review withdrawals first, for operations."), "withdrawals.review_as_operations"),
        Duty(_("Review withdrawals after operations, and pay them by hand."),
             "withdrawals.review_as_finance"),
        Duty(_("See the name and the account of a payee; each look is recorded with its reason."),
             "withdrawals.unmask_person"),
        Duty(_("Pause ways of paying."), "withdrawals.change_channel"),
        Duty(_("Set limits, fee, tax and times of withdrawals."),
             "withdrawals.change_policy", "withdrawals.[acd]*_rejectionreason"),
        Duty(_("Import statements of the provider and work through differences."),
             "closing.import_bill", "closing.change_difference"),
        Duty(_("Post movements of money outside the system."), "closing.post_documents"),
        Duty(_("Propose adjustments of wallets, and decide on those of others."),
             "closing.propose_adjustment", "closing.decide_adjustment"),
        Duty(_("Hand bonuses over to the payroll."), "closing.export_payroll"),
        Duty(_("Export vouchers for the accounting system, and set its accounts."),
             "closing.export_journal", "closing.[acd]*_journal*"),
        Duty(_("Sign months, as one of two people."), "ledger.sign_period"),
        Duty(_("Maintain products and categories."), "catalog.[acd]*"),
        Duty(_("Maintain materials, campaigns, announcements and courses."), "materials.[acd]*"),
        Duty(_("Draft, publish and end coupons, and give them to members by hand."),
             "promotions.[acdgp]*"),
        Duty(_("Design and publish poster templates."), "posters.[acdp]*"),
        Duty(_("Disable shares, and set words, landing pages and the life of shares."),
             "sharing.[acd]*"),
        Duty(_("Maintain the texts of messages and send them again."), "notices.[acds]*"),
        Duty(_("Add staff and change their rights, up to one's own."), "members.[acd]*_user"),
        Duty(_("Deliver stuck events again."), "events.[acd]*_delivery"),
        Duty(_("Maintain the systems that call the API, and their webhooks."),
             "integration.[acd]*", "webhooks.[acd]*"),
        Duty(_("Close alarms."), "alarms.change_alarm"),
        Duty(_("Take lists out of the system as files, on record."), "backoffice.export_list"),
        Duty(_("Upload and check the data of a mall that moves in."),
             "integration.prepare_mallimport"),
        Duty(_("Start the move of a mall that another person prepared."),
             "integration.start_mallimport"),
        Duty(_("Import members, products and other rows from files."), "*.import_*",
             "backoffice.[acd]*"),
    )),
    Subject(_("May see"), (
        Duty(_("Accounts and roles of the staff."), "members.view_user", "auth.view_group"),
        Duty(_("Members, distributors, applications and bindings; phone numbers are masked."),
             "members.view_*", "distribution.view_*", "incentives.view_*"),
        Duty(_("Orders and refunds."), "orders.view_*"),
        Duty(_("Commissions, plans and claims, with every explanation."), "commissions.view_*"),
        Duty(_("Incentives, progress and awards, with every explanation."), "incentives.view_*"),
        Duty(_("Withheld tax and batches that are paid by hand."),
             "withdrawals.view_taxentry", "withdrawals.view_payoutbatch"),
        Duty(_("Withdrawals, payments and payees; names and accounts are masked."),
             "withdrawals.view_*"),
        Duty(_("Risk rules, holds and cases."), "risk.view_*"),
        Duty(_("Wallets, transfers, controls, statements and months."),
             "ledger.view_*", "closing.view_*"),
        Duty(_("Products, materials, posters and shares."),
             "catalog.view_*", "materials.view_*", "posters.view_*", "sharing.view_*"),
        Duty(_("Coupons, and which member has which."), "promotions.view_*"),
        Duty(_("Reports and rankings."), "reports.view_*"),
        Duty(_("The history of all changes, alarms and jobs."),
             "events.view_event", "alarms.view_*"),
        Duty(_("Deliveries, messages, systems that call the API and their webhooks."),
             "events.view_*", "integration.view_*", "webhooks.view_*", "notices.view_*"),
        Duty(_("Who took which list out of the system, and who imported what."),
             "backoffice.view_*"),
    )),
)  # fmt: skip


@dataclass(frozen=True)
class Separation:
    """Two permissions that no role has together."""

    first: str
    second: str
    sentence: Any


SEPARATIONS = (
    Separation(
        "withdrawals.review_as_operations", "withdrawals.review_as_finance",
        _("The first and the second review of withdrawals."),
    ),
    Separation(
        "members.propose_merge", "members.decide_merge",
        _("Proposing and deciding that two accounts are one person."),
    ),
    Separation(
        "members.change_user", "withdrawals.review_as_operations",
        _("Giving rights to staff, and the first review of withdrawals."),
    ),
    Separation(
        "members.change_user", "withdrawals.review_as_finance",
        _("Giving rights to staff, and the second review of withdrawals."),
    ),
    Separation(
        "commissions.change_plan", "withdrawals.review_as_finance",
        _("Drafting commission plans, and paying withdrawals."),
    ),
)  # fmt: skip

# By the constraint that refuses one person for both.
FOUR_EYES = {
    "withdrawal_four_eyes": _(
        "The member, operations and finance: three people for each withdrawal, four from the amount"
        " in the settings on."
    ),
    "plan_four_eyes": _("A plan is published by somebody who did not edit it."),
    "coupon_four_eyes": _("A coupon is published by somebody who did not write it."),
    "version_four_eyes": _("An incentive is published by somebody who did not edit its terms."),
    "adjustment_four_eyes": _("An adjustment is decided by somebody who did not propose it."),
    "document_reversed_four_eyes": _(
        "A document is reversed by somebody who did not post it."
    ),
    "conflict_acceptance_four_eyes": _(
        "A value of an order that is credited already is accepted by two people."
    ),
    "period_four_eyes": _("A month is signed by two people."),
    "merge_four_eyes": _("A merge of members is decided by somebody who did not propose it."),
    "staff_link_four_eyes": _(
        "Which member a person of the staff is, two superusers decide."
    ),
    "mallimport_four_eyes": _("A mall moves in when somebody starts what another person prepared."),
    "manual_resolution_four_eyes": _(
        "The result of a payment that no statement proves is decided by two people."
    ),
}  # fmt: skip


def read_out(permissions: Collection[str]) -> tuple[list[tuple[Any, list[Any]]], list[str]]:
    """Return the sentences of permissions by subject, and the permissions without a sentence."""
    left = set(permissions)
    found = []
    for subject in SUBJECTS:
        sentences = []
        for duty in subject.duties:
            covered = {name for name in left if duty.covers(name)}
            if covered:
                sentences.append(duty.sentence)
            left -= covered
        if sentences:
            found.append((subject.title, sentences))
    return found, sorted(left)


def broken_separations(permissions: Collection[str]) -> list[Any]:
    """Return the sentences of what these permissions should not allow together."""
    return [
        separation.sentence
        for separation in SEPARATIONS
        if separation.first in permissions and separation.second in permissions
    ]
