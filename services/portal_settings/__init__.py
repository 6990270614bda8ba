"""Owns the nine portal switches: what the platform, each customer group and each customer has decided, who has locked
what, and who has acknowledged a licence fee. Never enforces a switch: the service that owns the data does."""
