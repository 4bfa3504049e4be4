"""The machinery of llmx: engine, cache, wires, traces, analysis. Knows no terminal."""
