"""The published models: fetched, verified, and converted from their checkpoints."""
