"""Records of KV state and the prefix cache over them. The only place that touches cache classes."""
