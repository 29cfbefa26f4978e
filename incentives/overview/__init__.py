"""Read what a member sees of incentives: which run for them, how far they are, what they got."""
