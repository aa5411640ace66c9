"""The documentation's generated pages: one per technology and model, sources, conformance."""
