"""How long each text may be, the same for the API and for imports; and the words that fields choose from."""

from typing import Final

KINDS: Final = ("business", "person")
STATUSES: Final = ("active", "archived")
LIFECYCLES: Final = ("lead", "prospect", "customer")

LENGTHS: Final = {
    "number": 40,
    "name": 200,
    "dba_name": 200,
    "external_system": 40,
    "external_id": 100,
    "contact_name": 200,
    "contact_title": 100,
    "contact_department": 100,
    "contact_email": 254,
    "contact_phone": 40,
    "channel_label": 30,
    "role": 40,
    "line1": 200,
    "line2": 200,
    "city": 100,
    "region": 100,
    "postal_code": 20,
    "country": 60,
    "group": 100,
    "tags": 1000,
    "reason": 500,
    "tag": 60,
    "segment": 100,
    "description": 500,
    "saved_filter": 100,
    "query": 2_000,
    "sort": 200,
    "column": 80,
    "setting_text": 200,
    "code": 40,
    "label": 60,
    "link_note": 500,
    "deal_name": 200,
    "lost_reason": 500,
    "person": 200,
    "tax_value": 40,
    "tax_scheme": 30,
    "evidence": 1000,
    "certificate_number": 100,
    "certificate_reason": 200,
}

MAX_CHANNELS: Final = 20
MAX_ROLES: Final = 20
MAX_EXTERNAL_IDS: Final = 20
MAX_CONTACTS: Final = 50
MAX_ADDRESSES: Final = 20
MAX_MEMBERS_AT_ONCE: Final = 200
MAX_TAGS: Final = 50
MAX_COLUMNS: Final = 40
MAX_MOVED_WITH_GROUP: Final = 2_000
MAX_DEALS: Final = 1_000
MAX_QUOTES: Final = 50
MAX_TAX_IDS: Final = 20
MAX_EXEMPTIONS: Final = 100
MAX_JURISDICTIONS: Final = 100
