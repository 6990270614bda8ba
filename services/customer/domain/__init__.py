"""The rules of the customer record; standard library only."""
