"""The working grid, and the way from tables to maps."""
