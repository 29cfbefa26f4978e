"""Who distributes, who is bound to whom, and how the shop recruits and binds."""

from distribution.admin import bindings, people, policy

__all__ = ["bindings", "people", "policy"]
