"""What is to be done for a customer, and the rules that make it: the tasks, and what guards stopped."""

from overview.domain.nouns.noun import Data, Noun

_VIEW = "automation.view"


def _is_for_company(data: Data) -> bool:
    return bool(data["audience"] == "customer")


def _title(data: Data) -> str:
    return str(data["title"])


def _open_first(data: Data) -> str:
    """What is open comes first, by the day on which it is due; what has none comes last."""
    return f"{data['status'] != 'open':d} {data['due_on'] or '~'}"


def _rule(data: Data) -> str:
    return str(data["rule_name"])


def _detail(data: Data) -> str:
    return str(data["detail"])


TASK = Noun(
    entity="automation.task",
    verbs=("created", "updated", "closed"),
    ends=frozenset(),
    section="tasks",
    fields=("id", "title", "audience", "status", "due_on", "assignee", "run_id", "created_at", "closed_at"),
    order=_open_first,
    needs="tasks.view",
    portal=_is_for_company,
    portal_fields=("id", "title", "status", "due_on", "assignee", "created_at", "closed_at"),
    label=_title,
)
RULE = Noun(entity="automation.rule", verbs=("created", "updated", "paused", "deleted"), kept=False, needs=_VIEW)
RUN = Noun(
    entity="automation.run",
    verbs=("stopped", "failed"),
    kept=False,
    needs=_VIEW,
    label=_rule,
    said=_detail,
    said_inside=True,
)

NOUNS = (TASK, RULE, RUN)
