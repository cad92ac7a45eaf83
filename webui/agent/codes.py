"""Name every way in which the agent refuses; pages and the agent speak of them by code."""

from enum import StrEnum


class AgentCode(StrEnum):
    """List the stable codes of the agent's refusals."""

    HOST_REFUSED = "agent.host_refused"
    ORIGIN_REFUSED = "agent.origin_refused"
    REQUEST_INVALID = "agent.request_invalid"
    REQUEST_TOO_LARGE = "agent.request_too_large"
    ADDRESS_UNKNOWN = "agent.address_unknown"
    ATTRIBUTES_REFUSED = "agent.attributes_refused"
    TOKEN_ABSENT = "agent.token_absent"  # noqa: S105 a code
    KEY_ABSENT = "agent.key_absent"
    PIN_LOCKED = "agent.pin_locked"
    DECLINED = "agent.declined"
    BUSY = "agent.busy"
    TOO_SLOW = "agent.too_slow"
    UNEXPECTED = "agent.unexpected"


class AgentError(Exception):
    """Refuse what a page asked; nothing was signed.

    Args:
        detail: English, for the agent's own screen; never a PIN.
    """

    def __init__(self, code: AgentCode, detail: str = "") -> None:
        self.code = code
        self.detail = detail
        super().__init__(f"{code}: {detail}" if detail else str(code))
