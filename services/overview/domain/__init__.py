"""Rules of the read models: folding, search terms, filters, timeline entries and sections; standard library only."""
