"""The services of incentives, by the name of what they do."""
