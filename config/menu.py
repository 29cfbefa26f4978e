"""The menu of the back office: its jobs, the links below them, and what each table holds.

An entry of the menu is a job that a crew does, not a table. Operations, finance and administrators
each have six entries at most, besides the settings and all data. Rooms add their office pages with
``backoffice.menu.register_link``.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.menu import Job, Link, Section, arrange, register_link

JOBS = (
    Job("home", _("Home"), "home", to="index"),
    Job("todo", _("To do"), "inbox", to="office:todo"),
    Job(
        "people", _("Members and distributors"), "group", "members.view_member",
        sections=("people", "distribution"),
    ),
    Job(
        "orders", _("Orders and commissions"), "receipt_long", "orders.view_order",
        sections=("orders", "commissions"),
    ),
    Job(
        "marketing", _("Marketing"), "campaign",
        ("materials.change_material", "posters.change_postertemplate", "catalog.change_product"),
        sections=("incentives", "sharing", "promotions", "materials", "goods"),
    ),
    Job(
        "withdrawals", _("Withdrawals"), "account_balance",
        ("withdrawals.review_as_operations", "withdrawals.review_as_finance"),
        sections=("withdrawals", "risk"),
    ),
    Job(
        "closing", _("Reconciliation"), "balance", "ledger.view_account",
        sections=("money", "closing"),
    ),
    Job(
        "settings", _("Settings"), "settings", to="office:settings", sections=("system",),
        is_secondary=True,
    ),
    Job("data", _("All data"), "database", to="office:data", is_secondary=True, is_fallback=True),
)  # fmt: skip

# Tables on the page "All data", in the order of their sections.
SECTIONS = (
    Section("people", _("Members")),
    Section("distribution", _("Distribution")),
    Section("orders", _("Orders")),
    Section("commissions", _("Commissions")),
    Section("withdrawals", _("Withdrawals")),
    Section("risk", _("Risk")),
    Section("incentives", _("Incentives")),
    Section("sharing", _("Sharing")),
    Section("promotions", _("Promotions")),
    Section("materials", _("Materials")),
    Section("goods", _("Goods")),
    Section("money", _("Money")),
    Section("closing", _("Reconciliation")),
    Section("system", _("System")),
)

register_link(
    "people",
    Link(_("Members"), "group", "members.member", 10),
    Link(_("Distributors"), "diversity_3", "distribution.distributor", 20),
    Link(_("Levels of distributors"), "stairs", "incentives.distributorlevel", 30),
    Link(_("Bindings"), "link", "distribution.binding", 50),
)
register_link(
    "orders",
    Link(_("Orders"), "receipt_long", "orders.order", 10),
    Link(_("Commissions"), "payments", "commissions.commission", 20),
    Link(_("Commission plans"), "percent", "commissions.plan", 30),
    Link(_("Refunds"), "assignment_return", "orders.refund", 60),
)
register_link(
    "marketing",
    Link(_("Products"), "inventory_2", "catalog.product", 10),
    Link(_("Incentives"), "trophy", "incentives.incentive", 12),
    Link(_("Awards"), "redeem", "incentives.award", 14),
    Link(_("Coupons"), "confirmation_number", "promotions.coupon", 15),
    Link(_("Materials"), "perm_media", "materials.material", 20),
    Link(_("Poster templates"), "palette", "posters.postertemplate", 30),
    Link(_("Campaigns"), "celebration", "materials.campaign", 40),
    Link(_("Courses"), "school", "materials.course", 50),
    Link(_("Announcements"), "brand_awareness", "materials.announcement", 55),
    Link(_("Figures of shares"), "leaderboard", "reports.sharefigures", 60),
)
register_link(
    "withdrawals",
    Link(_("Withdrawals"), "account_balance", "withdrawals.withdrawal", 10),
    Link(_("Payout attempts"), "send", "withdrawals.attempt", 20),
    Link(_("Pay a batch by hand"), "payments", "office:new_payout_batch", 30),
    Link(_("Payout batches"), "inventory", "withdrawals.payoutbatch", 40),
    Link(_("Payees"), "credit_card", "withdrawals.payee", 60),
    Link(_("Payout channels"), "pause_circle", "withdrawals.channel", 70),
)
register_link(
    "closing",
    Link(_("Controls"), "fact_check", "office:controls", 10),
    Link(_("Owed at any day"), "savings", "office:liability", 12),
    Link(_("Cash forecast"), "event_upcoming", "office:forecast", 14),
    Link(_("Differences"), "difference", "closing.difference", 20),
    Link(_("Statements"), "receipt", "closing.providerstatement", 40),
    Link(_("Accounting months"), "event_available", "ledger.period", 50),
    Link(_("Journal vouchers"), "receipt_long", "office:journal", 55),
    Link(_("Documents"), "description", "closing.treasurydocument", 60),
    Link(_("Transfers"), "sync_alt", "ledger.transfer", 70),
)
register_link(
    "settings",
    Link(_("Distribution policy"), "tune", "distribution.policy", 10),
    Link(_("Order policy"), "tune", "orders.policy", 20),
    Link(_("Payout policy"), "tune", "withdrawals.policy", 30),
    Link(_("Sharing policy"), "tune", "sharing.sharingpolicy", 40),
    Link(_("Incentive settings"), "tune", "incentives.policy", 45),
    Link(_("Risk rules"), "policy", "risk.rule", 50),
    Link(_("Staff"), "badge", "members.user", 60),
    Link(_("Changes of settings"), "history", "office:setting_changes", 70),
)

# What is set up rather than worked with, by subject; tables of "All data" as well.
SETTINGS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Distribution"), (
        "distribution.policy", "distribution.applicationform", "distribution.level",
        "incentives.levelcondition", "distribution.segment", "members.membergrade", "members.tag",
        "members.agreement",
    )),
    (_("Orders and commissions"), ("orders.policy", "commissions.plan", "risk.rule")),
    (_("Incentives"), ("incentives.policy",)),
    (_("Withdrawals"), (
        "withdrawals.policy", "withdrawals.channel", "withdrawals.rejectionreason",
    )),
    (_("Sharing"), (
        "sharing.sharingpolicy", "sharing.landingpolicy", "sharing.forbiddenword",
        "posters.shoplook", "posters.postertemplate", "posters.recommendationline",
    )),
    (_("Staff and rights"), (
        "office:roles", "members.user", "auth.group", "members.stafflinkproposal",
        "office:security",
    )),
    (_("Connections"), (
        "integration.apiclient", "webhooks.webhookendpoint", "webhooks.webhookdelivery",
    )),
    (_("Operation of the system"), (
        "alarms.alarm", "alarms.job", "events.event", "events.delivery", "backoffice.export",
        "backoffice.import",
    )),
)  # fmt: skip

SENTENCES: dict[str, Any] = {
    # Members
    "members.member": _("Everybody with an account in the shop: buyers and distributors."),
    "members.membergrade": _("Grades of members, such as gold; rules of a plan may address them."),
    "members.tag": _("Labels that operations put on members."),
    "members.agreement": _("Versions of the texts that members agree to."),
    "members.membermerge": _("Two accounts of one person that become one."),
    "notices.notice": _("What members were informed of, and whether they have read it."),
    "notices.message": _("Notices that also go out by WeChat, and why one did not arrive."),
    # Distribution
    "distribution.application": _("Who wants to become a distributor, and what was decided."),
    "distribution.applicationform": _("Questions that applicants answer."),
    "distribution.distributor": _("Members who recommend the shop and earn commissions."),
    "distribution.binding": _("Which member belongs to which upline, since when and until when."),
    "distribution.referral": _("Who first recommended the shop to a member."),
    "distribution.purchasetotals": _("What each member has bought, for the conditions of joining."),
    "distribution.level": _("Levels of distributors; rules of a plan may address them."),
    "incentives.distributorlevel": _("Which level each distributor has, and what gave it to them."),
    "incentives.levelcondition": _("What each level asks for; reviewed daily by completed orders."),
    "incentives.levelreview": _("Each change of a level, with the figures behind it."),
    "incentives.levelwarning": _("Distributors who no longer reach their level, and until when."),
    "incentives.levelpin": _("Levels that staff fixed, with the reason."),
    "incentives.gifttask": _("Gifts that incentives give: to send, sent or cancelled."),
    "incentives.proof": _("Pictures that members handed in, and what was decided."),
    "incentives.periodclosing": _("Periods that are closed, with the awards of their contests."),
    "distribution.segment": _("Kinds of distributors, such as KOC or employee."),
    "distribution.policy": _("How members become distributors and how bindings work."),
    # Orders
    "orders.order": _("Orders from the mall, with who is paid for them and why."),
    "orders.refund": _("Refunds and exchanges of orders."),
    "orders.policy": _("How orders are taken in, and how long commissions are protected."),
    # Commissions
    "commissions.plan": _("Versions of all commission rules; one is in force."),
    "commissions.commission": _("What each order line yields for each distributor."),
    "commissions.commissionhold": _("Commissions that are not credited for now, and why."),
    "commissions.claim": _("Distributors who say that a commission is missing or wrong."),
    "commissions.duecredit": _("Commissions whose protection is over and that are credited next."),
    "commissions.settlement": _("Batches that credited commissions."),
    "commissions.commissionchange": _("What refunds changed after a commission was credited."),
    "commissions.conflictacceptance": _("Which values were accepted when sources disagreed."),
    "orders.orderconflict": _("Values of an order that were refused because sources disagree."),
    # Withdrawals
    "withdrawals.withdrawal": _("Requests of members to be paid, with both reviews."),
    "withdrawals.attempt": _("Payments that were sent to a provider or to the bank."),
    "withdrawals.manualresolution": _("Results of payments that two people decided by hand."),
    "withdrawals.evidence": _("Vouchers and files that prove payments."),
    "withdrawals.taxentry": _("Tax that was withheld, by member and payment."),
    "withdrawals.payee": _("Accounts that members are paid to; names and numbers are masked."),
    "withdrawals.payoutauthorization": _("Members who are paid without confirming each payment."),
    "withdrawals.person": _("Verified identities behind members; shown masked."),
    "withdrawals.channel": _("Ways of paying; each can be paused."),
    "withdrawals.rejectionreason": _("Reasons that reviewers choose from."),
    "withdrawals.policy": _("Limits, fees and times of withdrawals."),
    # Risk
    "risk.case": _("What a person investigates and closes with a conclusion."),
    "risk.hold": _("Commissions and withdrawals that risk rules stopped."),
    "risk.assessment": _("What the risk rules found for each order and withdrawal."),
    "risk.rule": _("Checks of orders and withdrawals with their thresholds."),
    # Sharing
    "sharing.share": _("Links that members shared, by target and channel."),
    "sharing.visit": _("Who opened which share on which day."),
    "sharing.homepage": _("Home pages of distributors."),
    "sharing.miniprogramcode": _("Codes of the mini-program that shares use."),
    "sharing.forbiddenword": _("Words that members may not use in texts of their own."),
    "sharing.landingpolicy": _("Where a visitor of a share arrives."),
    "sharing.sharingpolicy": _("How long a share counts, and what visitors see."),
    "posters.postertemplate": _("Designs of posters, with an editor and versions."),
    "posters.poster": _("Pictures that were drawn for members."),
    "posters.recommendationline": _("Sentences that distributors choose for their posters."),
    "posters.shoplook": _("Name, logo and colours of the shop on posters."),
    "reports.sharefigures": _("Visits, orders and commissions of shares, by day and channel."),
    # Incentives
    "incentives.incentive": _("What rewards orders, referrals and contests, and what it costs."),
    "incentives.version": _("Drafted and published terms of incentives."),
    "incentives.award": _("Who got which award for which orders, and why."),
    "incentives.policy": _("How much awards may come to, and when a second person confirms them."),
    # Promotions
    "promotions.coupon": _("What takes something off a price, for whom and how long."),
    "promotions.coupongrant": _("Which member has got which coupon, and which order used it."),
    # Materials
    "materials.material": _("Texts, pictures and videos that distributors may share."),
    "materials.campaign": _("Promotions whose materials are shown while they run."),
    "materials.announcement": _("What members read on their pages, by level and for some days."),
    "materials.course": _("Training texts for distributors."),
    "materials.coursereading": _("Who has read which version of a course."),
    # Goods
    "catalog.product": _("Products of the mall, with what they pay."),
    "catalog.category": _("The tree of categories."),
    "catalog.productpicture": _("Pictures of products and whether they were checked."),
    # Money
    "ledger.account": _("Balances of members and of the platform."),
    "ledger.transfer": _("Every movement from one account to another; none is ever changed."),
    # Reconciliation
    "closing.difference": _("Disagreements that controls found; an empty list is good news."),
    "closing.providerstatement": _("Daily statements of the payment provider."),
    "closing.statementline": _("Each line of the statements and what it belongs to."),
    "closing.treasurydocument": _("Movements of money outside the system, each with its number."),
    "closing.adjustment": _("Corrections that one person proposes and another decides."),
    "closing.payroll": _("Bonuses of employees that are paid with the wages."),
    "closing.journalformat": _("Columns of the files for the accounting system."),
    "closing.journalaccount": _("Which account of the books each kind of account belongs to."),
    "withdrawals.payoutbatch": _("Payments by hand that one person makes with one file."),
    "ledger.period": _("Months that two people sign, and then do not change."),
    # System
    "alarms.alarm": _("What a person must look at until it is closed."),
    "alarms.job": _("When each periodic job last ran and whether it succeeded."),
    "events.event": _("Who did what and when."),
    "backoffice.export": _("Who took which list out of the system, with which filters."),
    "backoffice.import": _("Who imported which file, and what it changed."),
    "events.delivery": _("Work that follows an event and waits or has failed."),
    "integration.mallimport": _("Malls that moved in: their files, what was found, how far it is."),
    "integration.apiclient": _("Systems that call the API, with their keys and scopes."),
    "webhooks.webhookendpoint": _("Addresses that events are sent to."),
    "webhooks.webhookdelivery": _("Messages to those addresses and their answers."),
    "members.user": _("Accounts of those who work here."),
    "members.stafflinkproposal": _("Which member a person of the staff is."),
    "auth.group": _("What each role may see and do."),
    "office:roles": _("What each role may see and do in sentences, and who has it."),
    "office:security": _("The second factor and the recovery codes of your own account."),
}

# What it means that a list is empty. A page that knows more says it in ``get_empty_text``.
EMPTY: dict[str, Any] = {
    "members.membermerge": _("No merge was proposed."),
    "notices.notice": _("No member was informed of anything yet."),
    "notices.message": _("Nothing was sent by WeChat yet."),
    "webhooks.webhookendpoint": _("No system wants to be called yet."),
    "webhooks.webhookdelivery": _("Nothing was sent to an endpoint yet."),
    "integration.apiclient": _("No system may call the API yet."),
    "distribution.application": _("Nobody has applied yet."),
    "incentives.levelcondition": _("No level asks for anything yet: levels are given by hand."),
    "incentives.levelreview": _("No level has changed yet."),
    "incentives.levelwarning": _("Nobody is about to lose a level."),
    "incentives.levelpin": _("No level was pinned."),
    "orders.orderconflict": _("All sources agree: there is no conflict."),
    "commissions.commissionhold": _("No commission is held."),
    "commissions.claim": _("No distributor has claimed a commission."),
    "commissions.duecredit": _("No commission is due."),
    "commissions.commissionchange": _("No refund has changed a credited commission."),
    "withdrawals.withdrawal": _("Nobody has asked for a withdrawal yet."),
    "withdrawals.attempt": _("Nothing was paid yet."),
    "withdrawals.manualresolution": _("The result of every payment is known."),
    "risk.case": _("There is no case."),
    "risk.hold": _("Nothing was stopped."),
    "closing.difference": _("There is no difference."),
    "closing.providerstatement": _("No statement was imported yet."),
    "closing.adjustment": _("No adjustment was proposed."),
    "ledger.period": _("No month was signed yet."),
    "alarms.alarm": _("There is no alarm."),
    "events.delivery": _("Everything was delivered."),
}

arrange(jobs=JOBS, sections=SECTIONS, sentences=SENTENCES, settings=SETTINGS, empty=EMPTY)
