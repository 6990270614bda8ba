"""One function per verb: each takes the transaction's session, writes rows and events, and never commits."""
