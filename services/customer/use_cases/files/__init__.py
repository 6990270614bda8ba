"""Files: received and checked, kept as versions, shown to chosen people, deleted and purged."""
