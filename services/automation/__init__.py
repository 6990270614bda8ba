"""Rules, their runs, and tasks. Owns what happens by itself; never approves, confirms or lifts a hold."""
