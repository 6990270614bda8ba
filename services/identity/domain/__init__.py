"""The rules of accounts, roles, passwords and attempts; standard library only."""
