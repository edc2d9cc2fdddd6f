"""The engines beside which Apus is measured, for Scripts/benchmarks/peers and Scripts/benchmarks/bm25."""
