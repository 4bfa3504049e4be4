"""From messages to tokens: chat template, tokenizer, boundaries. Knows no MLX and no HTTP."""
