"""The commands: arguments in, tables out. Computes nothing."""
