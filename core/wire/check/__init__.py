"""Checks of what a server really sent: the grammar of each API's streams, over recorded bytes."""
