"""Let a page ask one address more than its own server, when it must speak with the agent."""

from flask import g

_OWN = "connect-src 'self'"


def let_page_ask(address: str) -> None:
    """Let the page that is being made, and no other, ask `address` too."""
    g.other_address = address


def widened(policy: str) -> str:
    """Return the content security policy of the answer that is being made."""
    other = g.get("other_address")
    return policy.replace(_OWN, f"{_OWN} {other}") if other else policy
