"""Draft, check and publish incentives, and show what they give; only services change them."""

# One line for each part of the office, so that parts are added side by side.
from incentives.admin import levels, levels_ladder, levels_panel, levels_pins  # isort: skip
from incentives.admin import closings, gifts, proofs  # isort: skip
