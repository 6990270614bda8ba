"""The records of a food wholesaler, and a copy of them with five damaged rows."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

# How the damaged rows are numbered, and why each must be refused.
DAMAGED = {
    "BADENC": "encoding",
    "NONAME": "missing",
    "ALFKI": "duplicate_in_file",
    "TOOLONG": "too_long",
    "FORMULA": "formula",
}


@dataclass(frozen=True, slots=True)
class Customer:
    """One row of customers.csv as the product is asked to keep it."""

    number: str
    name: str
    contact: str
    title: str
    line1: str
    city: str
    postal_code: str
    phone: str


class MissingData(SystemExit):
    """The folder does not hold the records."""


def read_file(folder: Path) -> bytes:
    """customers.csv as it is; raises MissingData."""
    path = folder / "customers.csv"
    if not path.is_file():
        raise MissingData(f"{path} is not there; DATA must name the folder with the Northwind records as CSV files.")
    return path.read_bytes()


def customers(content: bytes) -> list[Customer]:
    """The rows; runs of blanks stay as they are."""
    return [
        Customer(
            number=row["customer_id"],
            name=row["company_name"].strip(),
            contact=row["contact_name"].strip(),
            title=row["contact_title"].strip(),
            line1=row["address"].strip(),
            city=row["city"].strip(),
            postal_code=row["postal_code"].strip(),
            phone=row["phone"].strip(),
        )
        for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    ]


def damaged(content: bytes) -> bytes:
    """The same file with five more rows, none of which may be stored."""
    rest = b",Some One,Owner,Street 1,Berlin,,10115,Germany,030-1,\r\n"
    rows = [
        b"BADENC,M\xfcller & S\xf6hne" + rest,  # Latin-1 in a file of UTF-8
        b"NONAME," + rest,
        b"ALFKI,Alfreds Futterkiste again" + rest,
        b"TOOLONG," + b"x" * 5000 + rest,
        b'FORMULA,"=HYPERLINK(""http://evil.example"",""x"")"' + rest,
    ]
    ending = b"" if content.endswith(b"\n") else b"\r\n"
    return content + ending + b"".join(rows)
