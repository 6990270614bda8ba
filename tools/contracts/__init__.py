"""Checks of the contracts that need neither broker nor database."""
