"""A small believable set of customers: head offices with branches, persons, groups."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.context import Context
from common.db import Database
from customer.domain.numbers import Numbering
from customer.use_cases.customers import create_customer
from customer.use_cases.groups import create_group

GROUPS = ("Wholesale", "Hospitality", "Healthcare", "Public sector", "Households")

# number, head office, name, trading name, group's place, street, city, region, postal code, country, telephone
_BUSINESSES = """
20100||Alderwick Foods|Alderwick's|0|14 Tanner Row|Leeds||LS1 4AP|GB|+44 113 496 0112
20101|20100|Alderwick Foods Harrogate||0|3 Station Parade|Harrogate||HG1 1TT|GB|+44 1423 960 118
20102|20100|Alderwick Foods York||0|27 Micklegate|York||YO1 6JH|GB|+44 1904 960 204
20103|20102|Alderwick Cold Store York||0|Unit 9, Foss Islands|York||YO31 7UL|GB|
20110||Brenner & Kolb Großhandel|BK Markt|0|Hafenstraße 41|Mannheim||68159|DE|+49 621 9070 0
20111|20110|Brenner & Kolb Filiale Worms||0|Rheinstraße 8|Worms||67547|DE|+49 6241 9070 11
20112|20110|Brenner & Kolb Filiale Speyer||0|Maximilianstraße 60|Speyer||67346|DE|+49 6232 9070 12
20120||Cardinal Lane Hotels|The Cardinal|1|200 Harbor Walk|Portland|ME|04101|US|+1 207 555 0136
20121|20120|Cardinal Lane Boston||1|55 Wharf Street|Boston|MA|02110|US|+1 617 555 0171
20122|20120|Cardinal Lane Burlington||1|8 Church Street|Burlington|VT|05401|US|+1 802 555 0119
20123|20120|Cardinal Lane Laundry Services||1|31 Mill Road|Westbrook|ME|04092|US|
20130||Docteurs Réunis du Port||2|6 quai des Belges|Marseille||13001|FR|+33 4 91 55 01 20
20131|20130|Docteurs Réunis Aix||2|19 cours Mirabeau|Aix-en-Provence||13100|FR|+33 4 42 55 01 21
20140||Eastmoor District Council||3|Civic Centre, Park Road|Eastmoor||EM2 8QQ|GB|+44 1632 960 500
20141|20140|Eastmoor Libraries||3|1 Market Square|Eastmoor||EM1 1AA|GB|+44 1632 960 512
20142|20140|Eastmoor Leisure Trust|Splash|3|Lido Lane|Eastmoor||EM3 5PL|GB|+44 1632 960 533
20150||Fjordlys Hotell og Kafé||1|Strandkaien 12|Bergen||5013|NO|+47 55 01 44 10
20151||Gasthof zum Roten Krug||1|Dorfplatz 2|Hallein||5400|AT|+43 6245 9901
20152||Huerta del Sur||0|Calle Azahar 18|Almería||04001|ES|+34 950 55 01 32
20153||Imprimerie Lacombe|||44 rue du Moulin|Lyon||69003|FR|+33 4 72 55 01 09
20154||Juniper Dental Practice||2|12 Orchard Close|Bath||BA1 5LN|GB|+44 1225 960 077
20155||Kestrel Print Works|KPW||Unit 4, Forge Estate|Sheffield||S9 2TL|GB|+44 114 496 0155
20156||Lumen Optik||2|Lindenallee 77|Leipzig||04109|DE|+49 341 9901 30
20157||Mercado da Ribeira Velha||0|Rua do Cais 5|Porto||4050-124|PT|+351 22 555 0140
20158||Norrsken Bageri||1|Storgatan 21|Luleå||972 32|SE|+46 920 55 01 3
20159||Orsini Ceramiche|||Via dei Vasai 9|Faenza|RA|48018|IT|+39 0546 550 120
20160||Pemberton Veterinary Group||2|Old Dairy Yard|Shrewsbury||SY1 2HJ|GB|+44 1743 960 260
20161|20160|Pemberton Vets Ludlow||2|6 Corve Street|Ludlow||SY8 1DA|GB|+44 1584 960 261
20162||Quayside Chandlers|||9 Harbour Steps|Whitby||YO21 3PU|GB|+44 1947 960 044
20163||Riverside Academy||3|Weir Lane|Durham||DH1 3RJ|GB|+44 191 496 0163
20164||Station Street Brewing||1|88 Station Street|Duluth|MN|55802|US|+1 218 555 0164
20165||Tall Pines Outfitters|||402 Ridge Avenue|Boulder|CO|80302|US|+1 303 555 0165
20166||Van Rooijen Bloemen||0|Bloemenkade 3|Haarlem||2011 AB|NL|+31 23 555 0166
20167||Wintergarten Catering||1|Gartenweg 15|Dresden||01067|DE|+49 351 9901 67
20168||Juniper Dental Practice Ltd|||12 Orchard Close|Bath||BA1 5LN|GB|+44 1225 960 099
"""

# number, name, street, city, postal code, country
_PERSONS = """
30001|Agnes Thornbury|5 Chapel Hill|Richmond|DL10 4QX|GB
30002|Benedikt Sauer|Am Weiher 3|Erlangen|91054|DE
30003|Clara Montalbán|Plaza Menor 7|Granada|18001|ES
30004|Dominic Okafor|71 Larch Road|Bristol|BS6 7TH|GB
30005|Elin Sandvik|Fagerveien 18|Tromsø|9008|NO
30006|Farid Benyamina|22 rue des Tilleuls|Nantes|44000|FR
"""

Row = Sequence[str | None]

_FIRST = ("Ruth", "Tomas", "Ingrid", "Malik", "Sofia", "Peter", "Hanna", "Oluwaseun", "Marta", "Luc", "Priya")
_LAST = ("Adeyemi", "Hlavka", "Norén", "Castell", "Whitcombe", "Brandt", "Varga", "Delacroix", "Sörensen")
_TITLES = ("Head of purchasing", "Office manager", "Owner", "Accounts payable", "Facilities manager")
_ROLES = (["buyer"], ["finance", "billing"], ["decision_maker"], ["technical"], ["approver"])


def seed_customers(database: Database, numbering: Numbering, context: Context) -> None:
    """Adds what is not there yet, found by number and name."""
    database.run(_seed_groups, context=context)
    for place, business in enumerate(_rows(_BUSINESSES)):
        database.run(partial(_business, numbering=numbering, place=place, row=business), context=context)
    for person in _rows(_PERSONS):
        database.run(partial(_person, numbering=numbering, row=person), context=context)


def _rows(table: str) -> list[list[str | None]]:
    return [[cell or None for cell in line.split("|")] for line in table.strip().splitlines()]


def _seed_groups(session: Session) -> None:
    there = set(session.execute(text("SELECT name FROM customer_groups")).scalars())
    for name in GROUPS:
        if name not in there:
            create_group(session, {"name": name})


def _business(session: Session, numbering: Numbering, place: int, row: Row) -> None:
    number, parent, name, dba_name, group, *_address = row
    if _is_there(session, number):
        return
    body: dict[str, Any] = {
        "number": number,
        "parent_number": parent,
        "kind": "business",
        "name": name,
        "dba_name": dba_name,
        "group_id": _group_id(session, GROUPS[int(group)]) if group else None,
        "external_ids": [{"system": "crm", "id": f"A-{number}"}],
        "addresses": _addresses(place, row),
        "contacts": [_contact(place, row[10]), *([_contact(place + 5, None)] if place % 3 == 0 else [])],
    }
    create_customer(session, body, numbering)


def _addresses(place: int, row: Row) -> list[Mapping[str, Any]]:
    street, city, region, postal_code, country = row[5:10]
    whole = {"line1": street, "city": city, "region": region, "postal_code": postal_code, "country": country}
    if place % 4:
        return [whole]
    back_door = whole | {"line2": "Goods entrance", "purposes": [{"purpose": "ship_to"}]}
    return [whole | {"purposes": [{"purpose": "billing"}, {"purpose": "legal"}]}, back_door]


def _contact(place: int, telephone: str | None) -> Mapping[str, Any]:
    first, last = _FIRST[place % len(_FIRST)], _LAST[place * 5 % len(_LAST)]
    contact: dict[str, Any] = {
        "name": f"{first} {last}",
        "title": _TITLES[place % len(_TITLES)],
        "emails": [{"label": "work", "address": f"{first}.{last}{place}@example.test".lower()}],
        "roles": _ROLES[place % len(_ROLES)],
    }
    if telephone:
        contact["phones"] = [{"label": "work", "number": telephone}]
    return contact


def _person(session: Session, numbering: Numbering, row: Row) -> None:
    number, name, street, city, postal_code, country = row
    if _is_there(session, number):
        return
    address = {"line1": street, "city": city, "postal_code": postal_code, "country": country}
    body = {
        "number": number,
        "kind": "person",
        "name": name,
        "group_id": _group_id(session, "Households"),
        "addresses": [address],
    }
    create_customer(session, body, numbering)


def _is_there(session: Session, number: str | None) -> bool:
    found = session.execute(text("SELECT 1 FROM customers WHERE number = :number"), {"number": number}).scalar()
    return found is not None


def _group_id(session: Session, name: str) -> str:
    return str(session.execute(text("SELECT id FROM customer_groups WHERE name = :name"), {"name": name}).scalar_one())
