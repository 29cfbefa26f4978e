"""Draft, check and publish incentives, and show what they give; only services change them."""

# One line for each part of the office, so that parts are added side by side.
