"""
The steps that bring an older database to the tables of today, in the form Alembic wants.

:mod:`consent.log.database.schema` runs them.
"""
