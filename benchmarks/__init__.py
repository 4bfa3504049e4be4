"""`llmx serve` beside `mlx_lm.server`: same model, same run, each figure a ratio."""
