"""What happens besides requests and messages."""
