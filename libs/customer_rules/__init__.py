"""One language for the rules of segments, saved filters and automation: read, explained, and asked of plain records.

Pure functions over plain data, standard library only. The caller says which fields there are, what time it is and in
which time zone. A service that asks a rule of its tables builds the condition from the same predicates.
"""

from customer_rules.evaluation import explain, matches
from customer_rules.fields import OPERATORS, SEVERAL, Field, Fields, Type
from customer_rules.folding import ACCENT_BLOCKS, SEPARATORS, fold, words
from customer_rules.moments import When
from customer_rules.parsing import parse, to_document
from customer_rules.predicates import AllOf, Anniversary, OneOf, Part, Predicate, Present, Within, counted, predicate
from customer_rules.problems import Problem, RuleInvalid
from customer_rules.shorthand import to_tree
from customer_rules.tree import (
    MAX_DEPTH,
    MAX_LEAVES,
    MAX_VALUES,
    Count,
    Every,
    Leaf,
    Node,
    Not,
    Rule,
    Some,
    Span,
    leaves,
)

__all__ = [
    "ACCENT_BLOCKS",
    "MAX_DEPTH",
    "MAX_LEAVES",
    "MAX_VALUES",
    "OPERATORS",
    "SEPARATORS",
    "SEVERAL",
    "AllOf",
    "Anniversary",
    "Count",
    "Every",
    "Field",
    "Fields",
    "Leaf",
    "Node",
    "Not",
    "OneOf",
    "Part",
    "Predicate",
    "Present",
    "Problem",
    "Rule",
    "RuleInvalid",
    "Some",
    "Span",
    "Type",
    "When",
    "Within",
    "counted",
    "explain",
    "fold",
    "leaves",
    "matches",
    "parse",
    "predicate",
    "to_document",
    "to_tree",
    "words",
]
