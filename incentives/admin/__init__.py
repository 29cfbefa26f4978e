"""Show incentives, and what they give."""

from incentives.admin import levels, levels_ladder, levels_panel, levels_pins
