"""What recorded traffic says about the cache: lineage, breaks, totals. Shows nothing itself."""
