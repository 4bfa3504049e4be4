"""Does this server, ours or anybody's, really reuse its cache, and is the answer still right."""
