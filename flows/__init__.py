"""Prefect wiring of the monthly assessment; all of the science is in `ecoassess`."""
