"""Dataset adapters: catalogue entries to checked tables, rasters and zones."""
