"""What holds of rules, runs and tasks, without a database."""
