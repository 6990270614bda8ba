"""Counting attempts to sign in, per account and per address, in PostgreSQL, so that every process counts the same.

An attempt is counted as failed before the password is looked at and taken back when it was right: a hundred parallel
guesses find the limit, too.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from common.clock import Clock
from identity.domain.throttling import ACCOUNT, ADDRESS, FORGOTTEN_AFTER, Allowance, counted, wait_after
from identity.errors import LoginThrottled
from identity.tables import attempts


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted: the key holds a hash, because what people type as a user name may be anything."""

    key: bytes
    allowance: Allowance


def of_account(username: str) -> Counter:
    """The counter of a folded user name, whether an account has it or not."""
    return Counter(hashlib.sha256(b"account\0" + username.encode("utf-8", "replace")).digest(), ACCOUNT)


def of_address(address: str, purpose: str = "sign-in") -> Counter:
    """The counter of a client's address."""
    return Counter(hashlib.sha256(f"{purpose}\0{address}".encode("utf-8", "replace")).digest(), ADDRESS)


def count(session: Session, clock: Clock, *counters: Counter) -> int:
    """Counts one attempt on each; returns the most failures in a row. Raises LoginThrottled where one must wait.

    The counters are taken in the order of their keys, so that two attempts never wait for each other."""
    most = 0
    for counter in sorted(counters, key=lambda one: one.key):
        row = _held(session, counter, clock.now())
        now = clock.now()  # after the others who waited for the row, too
        # Clocks of several machines differ a little: without a wait there is nothing to compare.
        if wait_after(row.failures, counter.allowance) and row.blocked_until > now:
            raise LoginThrottled(_whole_seconds(row.blocked_until, now))
        failures = counted(row.failures, row.last_at, now) + 1
        _write(session, counter, failures, now)
        if counter.allowance is ACCOUNT:
            most = failures
    return most


def take_back(session: Session, clock: Clock, *counters: Counter) -> None:
    """Takes back one attempt that was right: the address keeps its other failures."""
    now = clock.now()
    for counter in sorted(counters, key=lambda one: one.key):
        row = _held(session, counter, now)
        _write(session, counter, max(row.failures - 1, 0), now)


def forget(session: Session, counter: Counter) -> None:
    """Forgets all failures of one counter."""
    session.execute(delete(attempts).where(attempts.c.key == counter.key))


def purge(session: Session, clock: Clock) -> int:
    """Forgets what no longer counts; returns how many counters."""
    old = delete(attempts).where(attempts.c.last_at < clock.now() - FORGOTTEN_AFTER)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class _Row:
    failures: int
    last_at: datetime
    blocked_until: datetime


def _held(session: Session, counter: Counter, now: datetime) -> _Row:
    fresh = upsert(attempts).values(key=counter.key, failures=0, last_at=now, blocked_until=now)
    session.execute(fresh.on_conflict_do_nothing())
    held = select(attempts.c.failures, attempts.c.last_at, attempts.c.blocked_until)
    row = session.execute(held.where(attempts.c.key == counter.key).with_for_update()).one()
    return _Row(row.failures, row.last_at, row.blocked_until)


def _write(session: Session, counter: Counter, failures: int, now: datetime) -> None:
    values = {"failures": failures, "last_at": now, "blocked_until": now + wait_after(failures, counter.allowance)}
    statement = upsert(attempts).values(key=counter.key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=[attempts.c.key], set_=values))


def _whole_seconds(until: datetime, now: datetime) -> int:
    return max(1, int((until - now).total_seconds() + 0.999))
