"""Fields that an administrator defines: what a definition may say, what a value may be, and what an edit changed.

One library for the API, imports and installed systems. A field is a dict as it is stored: its `key`, `label`, `type`
and whatever else its definition says.
"""
