"""The rules of listings, prices and orders; standard library only."""
