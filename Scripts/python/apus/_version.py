"""The version, that of the engine."""

VERSION = "0.2.0"
