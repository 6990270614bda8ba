"""Settings as they count for groups and customers, and what would count after a change of group."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from customer.domain.settings import Own, Setting, Step, resolve, walk_of
from customer.errors import CustomerNotFound, GroupNotFound
from customer.tables.customers import customer_groups
from customer.tables.settings import setting_definitions, setting_scopes

Nodes = list[tuple[str, str | None]]


def definitions(session: Session) -> dict[str, Setting]:
    """The settings that are registered, by key, in the order of their labels."""
    rows = session.execute(select(setting_definitions).order_by(setting_definitions.c.label)).mappings()
    return {row["key"]: _setting(row) for row in rows}


def definition_list(session: Session) -> Sequence[Mapping[str, Any]]:
    """The settings that are registered, as they are shown."""
    return [_defined(setting) for setting in definitions(session).values()]


def group_settings(session: Session, group_id: str) -> Mapping[str, Any]:
    """What a group gives its members; raises GroupNotFound."""
    if session.execute(select(customer_groups.c.id).where(customer_groups.c.id == group_id)).first() is None:
        raise GroupNotFound("There is no such customer group.")
    own = own_of(session, [group_id]).get(group_id, {})
    return {
        "version": scope_version(session, group_id),
        "settings": _effective(session, [Step("own", group_id, own)]),
        "portal_settings": f"/customer-groups/{group_id}/portal-settings",
    }


def customer_settings(session: Session, customer_id: str) -> Mapping[str, Any]:
    """What counts for a customer, and whose decision it is; raises CustomerNotFound."""
    nodes = _nodes(session, [customer_id]).get(customer_id)
    if nodes is None:
        raise CustomerNotFound("There is no such customer.")
    return {
        "version": scope_version(session, customer_id),
        "settings": _effective(session, walk_of(nodes, own_of(session, _ids(nodes)))),
        "portal_settings": f"/customers/{customer_id}/portal-settings",
    }


def group_preview(session: Session, customer_id: str, group_id: str | None) -> Mapping[str, Any]:
    """What would count otherwise for a customer in another group, or in none; nothing is changed."""
    nodes = _nodes(session, [customer_id]).get(customer_id)
    if nodes is None:
        raise CustomerNotFound("There is no such customer.")
    changes = _moved(session, {customer_id: nodes}, group_id)[customer_id]
    return {"group_id": group_id, "changes": changes, "portal_settings": f"/customers/{customer_id}/portal-settings"}


def members_preview(session: Session, customer_ids: Sequence[str], group_id: str | None) -> Sequence[Mapping[str, Any]]:
    """For how many of these customers each setting would change in another group."""
    moved = _moved(session, _nodes(session, customer_ids), group_id)
    counted = Counter((change["key"], change["label"]) for changes in moved.values() for change in changes)
    return [{"key": key, "label": label, "customers": number} for (key, label), number in sorted(counted.items())]


def own_of(session: Session, ids: Sequence[str]) -> dict[str, Own]:
    """What groups and customers have decided themselves, by id."""
    scopes = setting_scopes
    found = session.execute(select(scopes).where(or_(scopes.c.group_id.in_(ids), scopes.c.customer_id.in_(ids))))
    return {row["group_id"] or row["customer_id"]: row["own"] for row in found.mappings()}


def scope_version(session: Session, scope_id: str) -> int:
    """The version of what a group or customer has decided; 0 where it never did."""
    scopes = setting_scopes
    statement = select(scopes.c.version).where(or_(scopes.c.group_id == scope_id, scopes.c.customer_id == scope_id))
    return int(session.execute(statement).scalar() or 0)


def _moved(session: Session, nodes_of: Mapping[str, Nodes], group_id: str | None) -> dict[str, list[Mapping[str, Any]]]:
    ids = {each for nodes in nodes_of.values() for each in _ids(nodes)} | ({group_id} if group_id else set())
    decided = own_of(session, sorted(ids))
    settings = definitions(session)
    moved: dict[str, list[Mapping[str, Any]]] = {}
    for customer_id, nodes in nodes_of.items():
        before, after = walk_of(nodes, decided), walk_of([(customer_id, group_id), *nodes[1:]], decided)
        moved[customer_id] = [
            {
                "key": setting.key,
                "label": setting.label,
                "before": {"value": old.value, "source": old.source, "source_id": old.source_id},
                "after": {"value": new.value, "source": new.source, "source_id": new.source_id},
            }
            for setting in settings.values()
            if (old := resolve(setting, before)).value != (new := resolve(setting, after)).value
        ]
    return moved


def _effective(session: Session, walk: Sequence[Step]) -> list[Mapping[str, Any]]:
    shown: list[Mapping[str, Any]] = []
    for setting in definitions(session).values():
        found = resolve(setting, walk)
        counts = {"value": found.value, "source": found.source, "source_id": found.source_id}
        shown.append(_defined(setting) | counts)
    return shown


def _nodes(session: Session, customer_ids: Sequence[str]) -> dict[str, Nodes]:
    """Each customer with its head offices from below, and the group of each."""
    nodes: dict[str, Nodes] = defaultdict(list)
    for row in session.execute(_UP, {"ids": list(customer_ids)}):
        nodes[row.customer_id].append((row.id, row.group_id))
    return nodes


def _ids(nodes: Nodes) -> list[str]:
    return [each for node in nodes for each in node if each is not None]


def _setting(row: Mapping[Any, Any]) -> Setting:
    return Setting(**{name: row[name] for name in Setting.__dataclass_fields__})


def _defined(setting: Setting) -> dict[str, Any]:
    return {name: getattr(setting, name) for name in Setting.__dataclass_fields__}


_UP = text(
    """
    WITH RECURSIVE up (customer_id, id, parent_id, group_id, level) AS (
        SELECT id, id, parent_id, group_id, 1 FROM customers WHERE id = ANY (CAST(:ids AS uuid[]))
        UNION ALL
        SELECT up.customer_id, c.id, c.parent_id, c.group_id, up.level + 1
        FROM up JOIN customers c ON c.id = up.parent_id WHERE up.level < 64
    )
    SELECT CAST(customer_id AS text) AS customer_id, CAST(id AS text) AS id, CAST(group_id AS text) AS group_id
    FROM up ORDER BY customer_id, level
    """
)
