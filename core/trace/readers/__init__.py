"""Readers of traces: one small module per format. `choose` knows them all."""
