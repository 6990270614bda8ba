"""The gateway: authentication at the edge, routing and composed views. It owns no data and has no database."""
