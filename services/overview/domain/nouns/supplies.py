"""What is on its way in, and the days that are promised to who waits for it."""

from datetime import date

from overview.domain.nouns.noun import Data, Noun, always

_VIEW = "orders.view"


def _article(data: Data) -> str:
    number = data["order_number"]
    return f"{data['name']}, order {number}" if number else str(data["name"])


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


def _moved(data: Data) -> str:
    how = "later" if data["after"] > data["before"] else "earlier"
    return f"Comes {how} than promised: on {_day(data['after'])} instead of {_day(data['before'])}."


def _decided(data: Data) -> str:
    now, before = _day(data["promised_on"]), _day(data["agreed_on"])
    if data["decision"] == "open":
        return f"Accept {now} instead of {before}, or cancel. Without an answer the order stays."
    return f"{now} was accepted." if data["decision"] == "accepted" else f"Cancelled, because it comes on {now} only."


# Nobody's but the provider's: without a customer it shows on no timeline of one.
SUPPLY = Noun(
    entity="warehouse.supply",
    verbs=("expected", "updated", "received", "cancelled"),
    kept=False,
    label=lambda data: str(data["sku"]),
)
PREORDER = Noun(
    entity="warehouse.preorder",
    verbs=("date_changed",),
    kept=False,
    needs=_VIEW,
    portal=always,
    label=_article,
    said=_moved,
)
DATE_DECISION = Noun(
    entity="ordering.date_decision",
    verbs=("asked", "made"),
    kept=False,
    needs=_VIEW,
    portal=always,
    label=_article,
    said=_decided,
)

NOUNS = (SUPPLY, PREORDER, DATE_DECISION)
