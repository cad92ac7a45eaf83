"""Join the use cases of authority and delegation."""

from dataclasses import dataclass

from engine.clock import Clock
from engine.ports import StartWork
from workflows.authority.delegate import Delegate
from workflows.authority.end_delegation import EndDelegation
from workflows.authority.keep_authority import AddAuthority, AddField, EndAuthority
from workflows.authority.view_authority import ViewAuthority
from workflows.authority.view_delegations import ViewDelegations


@dataclass(frozen=True, kw_only=True)
class AuthorityCases:
    """Hold who may sign what, and who does whose work, as use cases."""

    delegate: Delegate
    end_delegation: EndDelegation
    view_delegations: ViewDelegations
    add_authority: AddAuthority
    end_authority: EndAuthority
    add_field: AddField
    view_authority: ViewAuthority


def authority_cases(
    *, start_work: StartWork, start_reading: StartWork, clock: Clock
) -> AuthorityCases:
    """Return the use cases, ready to call."""
    return AuthorityCases(
        delegate=Delegate(start_work=start_work, clock=clock),
        end_delegation=EndDelegation(start_work=start_work, clock=clock),
        view_delegations=ViewDelegations(start_reading=start_reading, clock=clock),
        add_authority=AddAuthority(start_work=start_work, clock=clock),
        end_authority=EndAuthority(start_work=start_work, clock=clock),
        add_field=AddField(start_work=start_work, clock=clock),
        view_authority=ViewAuthority(start_reading=start_reading, clock=clock),
    )
