"""What the tables of this service have in common."""

from sqlalchemy import DateTime, MetaData, Uuid

metadata = MetaData()

ID = Uuid(as_uuid=False)
MOMENT = DateTime(timezone=True)
