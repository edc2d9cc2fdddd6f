"""A run on disk: the newest state and the one before it, so that neither a stop nor a damaged file loses the run."""

import hashlib
import io

import torch


class State:
    """`state.pt` and `state-before.pt` of a folder, each with a digest of its bytes in front."""

    def __init__(self, folder):
        self.path, self.before = folder / "state.pt", folder / "state-before.pt"

    def save(self, **parts):
        """Writes through a temporary name; what was the newest becomes the one before."""
        buffer = io.BytesIO()
        torch.save(parts, buffer)
        partial = self.path.with_suffix(".tmp")
        partial.write_bytes(hashlib.sha256(buffer.getbuffer()).digest() + buffer.getbuffer())
        if self.path.exists():
            self.path.replace(self.before)
        partial.replace(self.path)

    def load(self, device="cpu"):
        """The newest state that is whole; None where there is none, and SystemExit where none of those there is whole."""
        there = [path for path in (self.path, self.before) if path.exists()]
        for path in there:
            data = path.read_bytes()
            if hashlib.sha256(data[32:]).digest() == data[:32]:
                return torch.load(io.BytesIO(data[32:]), map_location=device, weights_only=False)
            print(f"{path}: its bytes do not give the digest written with them: refused", flush=True)
        if there:
            raise SystemExit(f"{self.path.parent}: no state that is whole; remove {' and '.join(p.name for p in there)} to begin anew")
        return None
