"""The lines of the report: each module measures one, and returns its rows."""
