"""Where the contents of files are kept: a port with two adapters, a folder and S3-compatible storage."""
