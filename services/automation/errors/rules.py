"""Why rules are refused."""

from common.errors import Conflict, Invalid, NotFound


class RuleNotFound(NotFound):
    """There is no such rule, or the caller may not know of it."""

    code = "automation.rule_not_found"
    title = "No such rule"


class RunNotFound(NotFound):
    """There is no such run, or the caller may not know of it."""

    code = "automation.run_not_found"
    title = "No such run"


class RuleUnsuitable(Invalid):
    """A rule says something that cannot be."""

    code = "automation.rule_invalid"
    title = "The rule is not right"


class TooManyRules(Conflict):
    """An owner has as many rules as it may."""

    code = "automation.too_many_rules"
    title = "Too many rules"
