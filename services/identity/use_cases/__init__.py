"""What can be done with accounts, sessions, roles and tokens: one function per verb."""
