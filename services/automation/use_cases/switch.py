"""Whether customers' own rules may answer to anything: their switch `automation_enabled`."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from automation.errors import ModuleDisabled
from customer_replica import effective_switches

SWITCH = "automation_enabled"


def switched_on(session: Session, customer_ids: Iterable[str]) -> set[str]:
    """Those of the customers whose own rules may run."""
    wanted = sorted(set(customer_ids))
    found = effective_switches(session, wanted) if wanted else {}
    return {one for one, switches in found.items() if switches[SWITCH].active}


def check_switch(session: Session, customer_id: str | None) -> None:
    """Raises ModuleDisabled where a rule would be a customer's whose switch is off. The provider's own need none."""
    if customer_id is not None and not switched_on(session, [customer_id]):
        raise ModuleDisabled(
            "Automation is switched off for this customer: its rules are kept, and may be read, disabled and deleted."
            " Ask your contact at the provider to switch it on.",
            facts={"switch": SWITCH},
        )
