"""What can be done: each verb changes rows and writes its events in the caller's transaction."""
