"""The checks, in the order in which a newcomer would do them."""

from typing import Any

from acceptance import imports, northwind
from acceptance.client import Client
from acceptance.northwind import Customer
from acceptance.table import Table

SWITCHES = (
    "order_authorization",
    "auto_confirm_orders",
    "inherit_global_marketplace",
    "allow_preorders",
    "warehouse_enabled",
    "hr_sync_enabled",
    "automation_enabled",
    "internal_inventory_enabled",
    "billing_enabled",
)
LICENSED = "hr_sync_enabled"  # costs a fee, which somebody acknowledges
COUNTS = ("created", "updated", "unchanged", "duplicate", "invalid")


class Run:
    """One acceptance run over one stack. It may be repeated: what is there already counts as unchanged."""

    def __init__(self, client: Client, table: Table, content: bytes) -> None:
        self.client = client
        self.table = table
        self.content = content
        self.customers = northwind.customers(content)
        self.ids: dict[str, str] = {}

    def all(self) -> None:
        """Every check."""
        self.ids = self.by_number()
        there = len(self.ids)
        self.dry_run(there)
        self.first_run(there)
        self.found_again()
        self.overviews()
        self.second_run()
        self.damaged_rows()
        self.switches()
        self.portal_login()

    def dry_run(self, there: int) -> None:
        self.table.part("A dry run checks every row and stores nothing")
        result = imports.run(self.client, self.content, dry_run=True)
        self.counts(result, created=len(self.customers) - there, unchanged=there)
        self.table.check("customers there afterwards", there, len(self.by_number()))

    def first_run(self, there: int) -> None:
        self.table.part("The import")
        result = imports.run(self.client, self.content, dry_run=False)
        self.counts(result, created=len(self.customers) - there, unchanged=there)
        self.ids = self.by_number(after=result["last_event_id"])
        self.table.check("customers there afterwards", len(self.customers), len(self.ids))

    def second_run(self) -> None:
        self.table.part("The same file again changes nothing")
        before = self.traces()
        result = imports.run(self.client, self.content, dry_run=False)
        self.counts(result, created=0, unchanged=len(self.customers))
        self.table.check("last event that the import wrote", None, result["last_event_id"])
        self.table.check("versions and timeline entries of all customers", "as before", same(before, self.traces()))

    def damaged_rows(self) -> None:
        self.table.part("Five damaged rows among them are refused, each with its reason")
        before = self.traces()
        result = imports.run(self.client, northwind.damaged(self.content), dry_run=False)
        refused = imports.rejected(self.client, result["id"])
        self.counts(result, created=0, unchanged=len(self.customers), duplicate=1, invalid=len(northwind.DAMAGED) - 1)
        for number, code in northwind.DAMAGED.items():
            self.table.check(f"reason for {number}", code, refused.get(number, "not refused"))
        self.table.check("refused rows", len(northwind.DAMAGED), len(refused))
        self.table.check("all other customers", "as before", same(before, self.traces()))

    def found_again(self) -> None:
        self.table.part("Every customer is found")
        for title, words in (("name", "name"), ("city", "city"), ("contact", "contact")):
            found = sum(self.finds(customer, getattr(customer, words)) for customer in self.customers)
            self.table.check(f"by {title}", len(self.customers), found)

    def finds(self, customer: Customer, words: str) -> bool:
        cursor = None
        while True:
            page = self.client.get("/customers", q=words, limit=200, cursor=cursor).content
            if any(item["id"] == self.ids.get(customer.number) for item in page["items"]):
                return True
            cursor = page["next_cursor"]
            if cursor is None:
                return False

    def overviews(self) -> None:
        self.table.part("Every 360° overview is complete")
        shown = {customer.number: self.overview(customer) for customer in self.customers}
        total = len(self.customers)
        pairs = [(customer, shown[customer.number]) for customer in self.customers]
        self.table.check("number and name", total, sum(_named(c, o) for c, o in pairs))
        self.table.check("contact with name, title and phone", total, sum(_has_contact(c, o) for c, o in pairs))
        self.table.check("address with line, city and postal code", total, sum(_has_address(c, o) for c, o in pairs))
        nine = sum(set(o.get("portal_settings") or ()) >= set(SWITCHES) for _, o in pairs)
        self.table.check("nine portal settings", total, nine)
        self.table.check("portal access", total, sum(bool(o.get("access")) for _, o in pairs))
        self.table.check("an entry in the timeline", total, sum(bool(o.get("timeline")) for _, o in pairs))
        missing = sorted({name for _, overview in pairs for name in overview.get("unavailable", ["unavailable"])})
        self.table.check("sections that are not available", [], missing)

    def overview(self, customer: Customer) -> dict[str, Any]:
        answer = self.client.get(f"/customers/{self.ids.get(customer.number)}/overview")
        return dict(answer.content) if answer.status == 200 else {}

    def switches(self) -> None:
        self.table.part("Nine switches per customer, with their source, can be read and changed")
        total = len(self.customers)
        shown = [self.client.get(self.settings_path(customer)).content for customer in self.customers]
        complete = sum(
            all({"effective", "source"} <= set(page.get("settings", {}).get(key, ())) for key in SWITCHES)
            for page in shown
        )
        self.table.check("customers with nine switches, each with value and source", total, complete)
        changed = sum(self.turns(self.customers[0], key) for key in SWITCHES)
        self.table.check(f"switches of {self.customers[0].number} that change", len(SWITCHES), changed)
        left = self.decide(self.customers[0], dict.fromkeys(SWITCHES, "inherit"), None)
        inherited = sum(left.get(key, {"source": "own"})["source"] != "own" for key in SWITCHES)
        self.table.check("that go back to what the customer inherits", len(SWITCHES), inherited)

    def turns(self, customer: Customer, key: str) -> bool:
        """Whether a switch can be turned on and off for the customer, and each time is said to be its own decision."""
        licence = {"fee_note": "Shown and accepted: acceptance run."} if key == LICENSED else None
        on = self.decide(customer, {key: "on"}, licence).get(key, {})
        off = self.decide(customer, {key: "off"}, None).get(key, {})
        seen = [(switch.get("value"), switch.get("effective"), switch.get("source")) for switch in (on, off)]
        return seen == [("on", "on", "own"), ("off", "off", "own")]

    def decide(self, customer: Customer, values: dict[str, str], licence: dict[str, Any] | None) -> dict[str, Any]:
        """The nine switches after a change; nothing where it was refused."""
        path = self.settings_path(customer)
        content = {"settings": values, "cascade": True, "licence_acknowledgement": licence}
        answer = self.client.send("PATCH", path, content, etag=self.client.get(path).etag)
        return dict(answer.content["settings"]) if answer.status == 200 else {}

    def settings_path(self, customer: Customer) -> str:
        return f"/customers/{self.ids.get(customer.number)}/portal-settings"

    def portal_login(self) -> None:
        self.table.part("A portal login is set, and clearing its user name ends it")
        customer = self.customers[0]
        path = f"/customers/{self.ids[customer.number]}/access"
        name = f"{customer.number.lower()}@example.test"
        page = self.client.get(path)
        made = self.client.send("PATCH", path, {"username": name}, etag=page.etag)
        self.table.check("login after setting it", name, made.content.get("username"))
        self.table.check("its status", "invited", made.content.get("status"))
        cleared = self.client.send("PATCH", path, {"username": None}, etag=made.etag)
        self.table.check("login after clearing it", None, cleared.content.get("username"))
        self.table.check("its status", "disabled", cleared.content.get("status"))

    def counts(self, result: dict[str, Any], **expected: int) -> None:
        """Compares the import's state and all five counts."""
        wanted = {name: expected.get(name, 0) for name in COUNTS}
        self.table.check("state", "completed", result["state"])
        for name in COUNTS:
            self.table.check(name, wanted[name], result["counts"][name])

    def by_number(self, after: str | None = None) -> dict[str, str]:
        """The ids of those records that are there, by their number; `after` waits for an event to have its effect."""
        found: dict[str, str] = {}
        for customer in self.customers:
            page = self.client.get("/customers", q=customer.number, limit=20, archived="any", after=after).content
            found |= {item["number"]: item["id"] for item in page["items"] if item["number"] == customer.number}
        return found

    def traces(self) -> dict[str, tuple[Any, int]]:
        """Version and number of timeline entries of each customer: what any event would change."""
        found = {}
        for number, id_ in self.ids.items():
            version = self.client.get(f"/customers/{id_}").content.get("version")
            entries = self.client.get(f"/customers/{id_}/timeline", limit=200).content
            found[number] = (version, len(entries["items"]))
        return found


def same(before: Any, now: Any) -> str:
    """`as before`, or how many differ."""
    if before == now:
        return "as before"
    return f"{sum(before.get(key) != now.get(key) for key in before | now)} differ"


def _named(customer: Customer, overview: dict[str, Any]) -> bool:
    shown = overview.get("customer") or {}
    return (shown.get("number"), shown.get("name")) == (customer.number, customer.name)


def _has_contact(customer: Customer, overview: dict[str, Any]) -> bool:
    wanted = (customer.contact, customer.title, customer.phone)
    return any(
        wanted == (contact["name"], contact["title"], phone["number"])
        for contact in overview.get("contacts", ())
        for phone in contact["phones"]
    )


def _has_address(customer: Customer, overview: dict[str, Any]) -> bool:
    wanted = (customer.line1, customer.city, customer.postal_code or None)
    return any(
        wanted == (address["line1"], address["city"], address["postal_code"])
        for address in overview.get("addresses", ())
    )
