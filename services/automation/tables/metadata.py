"""What all tables of this service share."""

from sqlalchemy import DateTime, MetaData, Uuid

metadata = MetaData()

ID = Uuid(as_uuid=False)
MOMENT = DateTime(timezone=True)
