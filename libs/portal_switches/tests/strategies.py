"""Random scopes, walks and changes for the properties of the switches."""

from hypothesis import settings
from hypothesis import strategies as st

from portal_switches import KEYS, ChangeRequest, ScopeSettings, Step, Value, walk_of_customer

# Walks are large to generate; no deadline, because a machine may be busy with other suites.
quickly = settings(max_examples=60, deadline=None)

values: st.SearchStrategy[Value] = st.sampled_from(["on", "off"])
keys = st.sampled_from(KEYS)

scopes = st.builds(
    ScopeSettings,
    id=st.uuids().map(str),
    values=st.dictionaries(keys, values, max_size=6),
    locks=st.frozensets(keys, max_size=3),
    licence_acknowledged=st.booleans(),
)
undecided = ScopeSettings("undecided")
ancestors = st.lists(st.tuples(scopes, st.none() | scopes), max_size=4)


@st.composite
def walks(draw: st.DrawFn) -> tuple[Step, ...]:
    """The walk of some customer, with everything that may stand above it."""
    return walk_of_customer(draw(scopes), draw(st.none() | scopes), draw(ancestors), draw(scopes))


requests = st.builds(
    ChangeRequest,
    values=st.dictionaries(keys, st.none() | values, max_size=4),
    locks=st.dictionaries(keys, st.booleans(), max_size=2),
    licence=st.sampled_from(["keep", "acknowledge", "withdraw"]),
    cascade=st.booleans(),
)
