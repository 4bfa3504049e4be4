"""The tables of intents and talk that the demo model's conversations are made from."""
