"""The ledger's schema, step by step: Alembic's environment (``env.py``) and one module a step (``versions/``)."""
