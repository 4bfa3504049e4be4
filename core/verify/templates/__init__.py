"""Whether the prompts of a growing conversation go on from each other, by its template alone."""
