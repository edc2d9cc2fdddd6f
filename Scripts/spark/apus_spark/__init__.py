"""Indexing and batch search with Apus on Apache Spark: see Scripts/spark/apus-spark."""
