"""Who may decide: never the requester, and always somebody."""

from dataclasses import replace

from ordering.domain.approval_rules import Approver, Mode, Requirement
from ordering.domain.approvers import Company, Holder, candidates, reaching_line, substitutes


def holder(account: str, *roles: str, node: str = "branch", subtree: bool = False, contact: str = "") -> Holder:
    return Holder(account, node, account.title(), frozenset(roles), subtree, contact or None)


def asking(*approvers: Approver, mode: Mode = "any", n: int = 1) -> Requirement:
    return Requirement(approvers or (Approver("role", "approver"),), mode, n, ("Rule",))


COMPANY = Company(
    ("branch", "hq"),
    [
        holder("ann", "approver"),
        holder("bob", "buyer"),
        holder("cyd", "admin"),
        holder("dee", "approver", node="hq", subtree=True),
        holder("eve", "approver", node="hq"),
        holder("fay", "admin", node="hq", subtree=True),
    ],
)


def who(requirement: Requirement, company: Company) -> tuple[list[str], bool]:
    people, staff = candidates(requirement, 0, company)
    return sorted(person.account_id for person in people), staff


def test_the_approvers_of_the_order_s_node_decide() -> None:
    assert who(asking(), COMPANY) == (["ann"], False)


def test_where_the_only_approver_is_the_requester_the_next_node_above_decides() -> None:
    assert who(asking(), replace(COMPANY, excluded=["ann"])) == (["dee"], False)


def test_roles_that_do_not_reach_down_do_not_decide_below() -> None:
    assert who(asking(), replace(COMPANY, excluded=["ann", "dee"])) == (["cyd"], False)


def test_the_sole_admin_who_is_the_requester_leaves_it_to_staff() -> None:
    alone = Company(("solo",), [holder("amy", "admin", node="solo")], excluded=["amy"])
    assert who(asking(), alone) == ([], True)
    assert who(asking(), replace(alone, excluded=[])) == (["amy"], False)


def test_an_approver_who_has_left_is_stood_in_for() -> None:
    gone = replace(COMPANY, holders=[one for one in COMPANY.holders if one.account_id != "ann"])
    assert who(asking(), gone) == (["dee"], False)


def test_a_named_person_decides_and_is_stood_in_for_by_the_approvers_above() -> None:
    named = asking(Approver("user", "ann"))
    assert who(named, COMPANY) == (["ann"], False)
    assert who(named, replace(COMPANY, excluded=["ann"])) == (["dee"], False)


def test_a_named_person_without_an_approving_role_does_not_decide() -> None:
    assert who(asking(Approver("user", "bob")), COMPANY) == (["dee"], False)


def test_the_manager_is_the_contact_with_that_role() -> None:
    people = [*COMPANY.holders, holder("gil", "approver", contact="c7")]
    company = replace(COMPANY, holders=people, managers=["c7"])
    assert who(asking(Approver("manager_of_requester")), company) == (["gil"], False)


def test_a_manager_who_is_the_requester_is_stood_in_for() -> None:
    people = [*COMPANY.holders, holder("gil", "approver", contact="c7")]
    company = replace(COMPANY, holders=people, managers=["c7"], excluded=["gil"])
    assert who(asking(Approver("manager_of_requester")), company) == (["dee"], False)


def test_too_few_for_n_of_m_are_filled_up_from_above() -> None:
    assert who(asking(mode="n_of_m", n=2), COMPANY) == (["ann", "dee"], False)


def test_fewer_than_needed_in_the_whole_company_calls_staff_too() -> None:
    assert who(asking(mode="n_of_m", n=5), COMPANY) == (["ann", "cyd", "dee", "fay"], True)


def test_an_approver_below_the_total_is_joined_by_one_above() -> None:
    people, staff = candidates(asking(), 0, replace(COMPANY, limited=["ann"]))
    assert [(person.account_id, person.complete) for person in people] == [("ann", False), ("dee", True)]
    assert not staff


def test_an_escalation_adds_those_above_and_the_admins() -> None:
    added = substitutes(0, COMPANY, ["ann"])
    assert sorted(person.account_id for person in added) == ["cyd", "dee", "fay"]
    assert all(person.substitute for person in added)


def test_an_escalation_never_calls_the_requester() -> None:
    assert [one.account_id for one in substitutes(0, replace(COMPANY, excluded=["cyd", "dee"]), [])] == ["fay"]


def test_roles_flow_down_only_as_far_as_each_node_accepts_the_one_above() -> None:
    line = ["a", "b", "c"]
    assert reaching_line(line, {"a": "b", "b": "c"}) == ["a", "b", "c"]
    assert reaching_line(line, {"a": "b", "b": None}) == ["a", "b"]
    assert reaching_line(line, {"b": "c"}) == ["a"]
