"""What the room does: each module is one part of an incentive's life."""
