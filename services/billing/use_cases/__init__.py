"""What can be done: each verb changes rows and writes its event in the caller's transaction."""
