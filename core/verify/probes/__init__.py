"""The probes of the catalogue, one module each; `catalogue` has them all, by profile."""
