"""The 360° document: one statement over rows whose JSON was made when their events arrived."""

from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from common.clock import rfc3339
from overview.domain.nouns import SECTIONS as OF_NOUNS
from overview.domain.owners import unavailable
from overview.domain.sections import TIMELINE_ENTRIES
from overview.domain.switches import settings_of
from overview.domain.viewers import DOCUMENTS, PEOPLE, SETTINGS, Viewer
from overview.errors import CustomerUnknown
from overview.queries.timeline import held_by

Parts = dict[tuple[str, str], tuple[str, int, datetime]]  # section and audience -> JSON, count, as of

_NO_ACCESS = '{"login":null,"users":[],"user_count":0,"guests":[],"accepted_parent_id":null}'
_EVERYBODY = "everybody"

_DOCUMENT = text(
    """
    SELECT CASE WHEN :portal THEN left(c.portal_body, -1)
           ELSE left(c.body, -1)
                || ',"group":' || coalesce((SELECT json_build_object('id', g.id, 'name', g.name)::text
                                            FROM groups g WHERE g.id = c.group_id AND NOT g.removed), 'null')
                || ',"tags":' || CASE WHEN c.tag_ids = '{}' THEN '[]' ELSE coalesce(
                       (SELECT json_agg(json_build_object('id', t.id, 'name', t.label) ORDER BY t.place, t.id)::text
                        FROM records t WHERE t.kind = 'tag' AND t.id = ANY (c.tag_ids) AND NOT t.removed), '[]') END
                || ',"merged_from":' || coalesce(
                       (SELECT json_agg(json_build_object('id', m.id, 'number', m.number, 'name', m.name)
                                        ORDER BY m.name, m.id)::text
                        FROM customers m WHERE m.merged_into = c.id AND NOT m.removed), '[]')
           END
           || ',"parent":' || coalesce((SELECT json_build_object('id', p.id, 'number', p.number, 'name', p.name)::text
                                        FROM customers p WHERE p.id = c.parent_id AND NOT p.removed), 'null')
           || '}' AS customer,
           c.id::text AS id, c.as_of, settings_line(c.id) AS settings,
           s.sections, s.audiences, s.bodies, s.counts, s.moments, t.entries, t.newest,
           (SELECT json_agg(json_build_array(o.service, extract(epoch FROM now() - o.beat_at), o.oldest_unsent_seconds))
                   ::text FROM owners o) AS owners
    FROM customers c
    CROSS JOIN LATERAL (
        SELECT array_agg(section) AS sections, array_agg(audience) AS audiences, array_agg(body) AS bodies,
               array_agg(count) AS counts, array_agg(as_of) AS moments
        FROM sections WHERE customer_id = c.id AND (audience = 'portal') <= :portal
    ) AS s
    CROSS JOIN LATERAL (
        SELECT '[' || string_agg(e.body, ',' ORDER BY e.occurred_at DESC, e.event_id DESC) || ']' AS entries,
               max(e.occurred_at) AS newest
        FROM (
            SELECT CASE WHEN :portal THEN coalesce(portal_body, body) ELSE body END AS body, occurred_at, event_id
            FROM timeline
            WHERE customer_id = c.id AND CASE WHEN :portal THEN visibility = 'portal'
                                              ELSE needs <@ CAST(:held AS text[]) END
            ORDER BY occurred_at DESC, event_id DESC LIMIT :entries
        ) AS e
    ) AS t
    WHERE c.id = (SELECT coalesce(asked.merged_into, asked.id) FROM customers asked WHERE asked.id = :id)
      AND NOT c.removed
    """
)


def document(session: Session, customer_id: str, viewer: Viewer) -> bytes:
    """The document as JSON, of what a customer was merged into where it was; raises CustomerUnknown.

    `hidden_because` says why a section is null: the viewer lacks a permission (`missing_permission`), or its module is
    off for this customer (`module_inactive`)."""
    row = session.execute(
        _DOCUMENT,
        {"id": customer_id, "portal": viewer.is_portal, "held": held_by(viewer), "entries": TIMELINE_ENTRIES},
    ).one_or_none()
    if row is None:
        raise CustomerUnknown("There is no such customer.")
    keys = zip(row.sections or (), row.audiences or (), strict=True)
    parts = zip(row.bodies or (), row.counts or (), row.moments or (), strict=True)
    sections: Parts = dict(zip(keys, parts, strict=True))
    settings = _settings(row.settings, row.id, viewer.is_portal) if row.settings else None
    hidden = _hidden(viewer, settings[1] if settings else frozenset())
    chosen = {name: (name, _EVERYBODY) for name in ("contacts", "addresses", "access")}
    chosen |= {name: (name, viewer.audience(noun)) for name, noun in OF_NOUNS.items()}
    shown = {name: sections[key] for name, key in chosen.items() if name not in hidden and key in sections}
    moments = {"customer": row.as_of} | {name: part[2] for name, part in shown.items()}
    newest = max([*moments.values(), *([row.newest] if row.newest else [])])
    counted = ("contacts", "addresses", *OF_NOUNS)
    answer: dict[str, Any] = {
        "customer": orjson.Fragment(row.customer),
        "contacts": _fragment(shown, "contacts"),
        "addresses": _fragment(shown, "addresses"),
        "portal_settings": orjson.Fragment(settings[0]) if settings and "portal_settings" not in hidden else None,
        "access": None if "access" in hidden else _fragment(shown, "access", _NO_ACCESS),
        "documents": None if "documents" in hidden else _documents(shown),
        **{name: None if name in hidden else _fragment(shown, name) for name in OF_NOUNS},
        "timeline": orjson.Fragment(row.entries or "[]"),
        "counts": {name: shown[name][1] if name in shown else 0 for name in counted if name not in hidden},
        "hidden": list(hidden),
        "hidden_because": hidden,
        "sections": {name: rfc3339(moment) for name, moment in moments.items()},
        "as_of": rfc3339(newest),
        "unavailable": unavailable(orjson.loads(row.owners or "[]")),
    }
    return orjson.dumps(answer)


def _hidden(viewer: Viewer, active: frozenset[str]) -> dict[str, str]:
    """The sections that are not for this viewer, and why; `active` are the switches that are on."""
    sees = {
        "portal_settings": not viewer.is_portal or SETTINGS in viewer.held,
        "access": not viewer.is_portal or PEOPLE in viewer.held,
        "documents": DOCUMENTS in viewer.held,
        **{name: viewer.sees(noun) for name, noun in OF_NOUNS.items()},
    }
    hidden = {name: "missing_permission" for name, is_seen in sees.items() if not is_seen}
    off = [] if "billing_enabled" in active else ["documents"]
    if viewer.is_portal:
        off += [name for name, noun in OF_NOUNS.items() if noun.switch and noun.switch not in active]
    return dict.fromkeys(off, "module_inactive") | hidden


def _documents(shown: dict[str, tuple[str, int, datetime]]) -> dict[str, Any]:
    """The documents tab: invoices, which nobody writes yet, and quotes where the viewer sees these."""
    return {"invoices": [], "quotes": _fragment(shown, "quotes")}


def _fragment(shown: dict[str, tuple[str, int, datetime]], name: str, empty: str = "[]") -> orjson.Fragment:
    return orjson.Fragment(shown[name][0] if name in shown else empty)


@lru_cache(maxsize=4096)
def _settings(line: str, customer_id: str, is_portal: bool) -> tuple[bytes, frozenset[str]]:
    """The switches as JSON, and which of them are on. Resolving depends on nothing but the settings along the
    line, which change seldom."""
    found = orjson.loads(line)
    settings = settings_of(found["line"], found["platform"], visible_id=customer_id if is_portal else None)
    return orjson.dumps(settings), frozenset(key for key, switch in settings.items() if switch["active"])
