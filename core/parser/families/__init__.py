"""How families of models write their tool calls, one module for each."""
