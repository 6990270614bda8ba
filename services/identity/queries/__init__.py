"""What can be read: plain data for the views and the rules."""
