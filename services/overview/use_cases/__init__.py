"""What changes the read models: projecting events, numbering arrivals, changing generations."""
