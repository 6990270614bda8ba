"""Rules asked of the tables: what they may speak of, the conditions in SQL, and the records that they are asked of."""
