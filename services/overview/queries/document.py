"""The 360° document: one statement over rows whose JSON was made when their events arrived."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.clock import rfc3339
from overview.domain.owners import unavailable
from overview.domain.sections import TIMELINE_ENTRIES
from overview.domain.switches import settings_of
from overview.errors import CustomerUnknown

Parts = dict[str, tuple[str, int, datetime]]  # section -> JSON, count, as of

_NO_ACCESS = '{"login":null,"users":[],"user_count":0}'

_DOCUMENT = text(
    """
    SELECT left(c.body, -1)
           || ',"parent":' || coalesce((SELECT json_build_object('id', p.id, 'number', p.number, 'name', p.name)::text
                                        FROM customers p WHERE p.id = c.parent_id AND NOT p.removed), 'null')
           || ',"group":' || coalesce((SELECT json_build_object('id', g.id, 'name', g.name)::text
                                       FROM groups g WHERE g.id = c.group_id AND NOT g.removed), 'null')
           || '}' AS customer,
           c.as_of,
           CASE WHEN :settings THEN settings_line(c.id) END AS settings,
           s.sections, s.bodies, s.counts, s.moments, t.entries, t.newest,
           (SELECT json_agg(json_build_array(o.service, extract(epoch FROM now() - o.beat_at), o.oldest_unsent_seconds))
                   ::text FROM owners o) AS owners
    FROM customers c
    CROSS JOIN LATERAL (
        SELECT array_agg(section) AS sections, array_agg(body) AS bodies, array_agg(count) AS counts,
               array_agg(as_of) AS moments
        FROM sections WHERE customer_id = c.id
    ) AS s
    CROSS JOIN LATERAL (
        SELECT '[' || string_agg(e.body, ',' ORDER BY e.occurred_at DESC, e.event_id DESC) || ']' AS entries,
               max(e.occurred_at) AS newest
        FROM (
            SELECT CASE WHEN :portal THEN coalesce(portal_body, body) ELSE body END AS body, occurred_at, event_id
            FROM timeline
            WHERE customer_id = c.id AND (visibility = 'portal' OR NOT :portal)
            ORDER BY occurred_at DESC, event_id DESC LIMIT :entries
        ) AS e
    ) AS t
    WHERE c.id = :id AND NOT c.removed
    """
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """What of a customer somebody may see besides its record."""

    is_portal: bool
    sees_settings: bool
    sees_access: bool


def document(session: Session, customer_id: str, viewer: Viewer) -> bytes:
    """The document as JSON; raises CustomerUnknown."""
    row = session.execute(
        _DOCUMENT,
        {
            "id": customer_id,
            "settings": viewer.sees_settings,
            "portal": viewer.is_portal,
            "entries": TIMELINE_ENTRIES,
        },
    ).one_or_none()
    if row is None:
        raise CustomerUnknown("There is no such customer.")
    parts = zip(row.bodies or (), row.counts or (), row.moments or (), strict=True)
    sections: Parts = dict(zip(row.sections or (), parts, strict=True))
    visible = {"portal_settings": viewer.sees_settings, "access": viewer.sees_access}
    hidden = [name for name, is_seen in visible.items() if not is_seen]
    moments = {"customer": row.as_of} | {name: part[2] for name, part in sections.items()}
    newest = max([*moments.values(), *([row.newest] if row.newest else [])])
    settings = _settings(row.settings, customer_id, viewer.is_portal) if row.settings else None
    answer: dict[str, Any] = {
        "customer": orjson.Fragment(row.customer),
        "contacts": _fragment(sections, "contacts", "[]"),
        "addresses": _fragment(sections, "addresses", "[]"),
        "portal_settings": orjson.Fragment(settings) if settings else None,
        "access": None if "access" in hidden else _fragment(sections, "access", _NO_ACCESS),
        "timeline": orjson.Fragment(row.entries or "[]"),
        "counts": {name: sections[name][1] if name in sections else 0 for name in ("contacts", "addresses")},
        "hidden": hidden,
        "sections": {name: rfc3339(moment) for name, moment in moments.items()},
        "as_of": rfc3339(newest),
        "unavailable": unavailable(orjson.loads(row.owners or "[]")),
    }
    return orjson.dumps(answer)


def _fragment(sections: Parts, name: str, empty: str) -> orjson.Fragment:
    return orjson.Fragment(sections[name][0] if name in sections else empty)


@lru_cache(maxsize=4096)
def _settings(line: str, customer_id: str, is_portal: bool) -> bytes:
    """Resolving depends on nothing but the settings along the line, which change seldom."""
    found = orjson.loads(line)
    return orjson.dumps(settings_of(found["line"], found["platform"], visible_id=customer_id if is_portal else None))
