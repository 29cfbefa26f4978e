"""List the sentences that scripts show; all others are in the templates."""

from __future__ import annotations

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """Return the sentences in the active language; ``{name}`` stands for a value."""
    return {
        "failed": _("That did not work. Try it again."),
        "fault": _("This is a fault on our side. Try it again in a moment."),
        "offline": _("There is no connection. Check the network and try it again."),
        "slow": _("The answer takes too long. Try it again."),
        "copied": _("Copied"),
        "copyByHand": _("This browser does not copy by itself: hold the text and copy it."),
        "drawing": _("Drawing your poster …"),
        "still_drawing": _("Many posters are being drawn. Yours is almost there …"),
        "poster_late": _("The poster takes longer than usual. Try it again in a moment."),
        "signed_in": _("Welcome, {name}"),
        "welcome": _("Welcome"),
        "nameless": _("Me"),
        "bound": _("You are now a customer of {name}"),
        "stays": _("You have a referrer already, who stays"),
        "points": _("{count} points"),
        "sent": _("Sent. We will tell you the result."),
        "chars": _("{count} of {max}"),
        "fill": _("Please answer this question."),
        "accept_first": _("Please accept the agreement first."),
        "read": _("Marked as read"),
        "rejected": _("Your last application was not accepted: {reason} You may apply again."),
        "fast_spend": _("Approved at once after you have spent {needed}"),
        "fast_buyers": _("Approved at once after you have brought {needed} buyers"),
        "used": _("Copied {copies} · saved {downloads}"),
        "zip": _("All files"),
        "packing": _("Packing …"),
        "picture_too_large": _("This picture is too large. Choose one below {size} MB."),
        "uploading": _("Uploading …"),
        **_words_of_rewards(),
    }


def _words_of_rewards() -> dict[str, str]:
    return {
        "until": _("until {day}"),
        "reached": _("Reached: {value}"),
        "missing": _("{value} to go"),
        "coming": _("{value} more from orders that are paid and not completed yet"),
        "friend_to_order": _(
            "{name} brought you. Still missing: a first order of {amount} or more, placed and paid"
            " before {day}."
        ),
        "friend_ordered": _("Your first order counts. The reward comes when it is completed."),
        "friend_counted": _("Your first order was completed and counts."),
        "brought_to_order": _(
            "First order of {amount} or more missing, placed and paid before {day}"
        ),
        "brought_ordered": _("Ordered, to be completed"),
        "brought_counted": _("Counts"),
        "brought_over": _("Counts no more"),
        "each": _("Each time"),
        "each_value": _("Each {value}"),
        "for_friend": _("For the friend"),
        "from_value": _("From {value}"),
        "place": _("Place {first}"),
        "places": _("Places {first} to {last}"),
        "ranking": _("Ranking"),
        "my_place": _("You are on place {rank} with {value}."),
        "no_place": _("You have no place yet."),
        "award_from": _("{name} · {day}"),
        "claimed": _("The coupon is yours"),
        "valid": _("{from} to {until}"),
        "coupon_usable": _("usable"),
        "coupon_upcoming": _("not valid yet"),
        "coupon_used": _("used"),
        "coupon_expired": _("expired"),
        "coupon_revoked": _("revoked"),
    }
