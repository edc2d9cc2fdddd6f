"""What every run of training on cached texts does around its loss: schedule, averages, states on disk, stops."""

import time

import torch

from state import State


class Loop:
    """Steps of AdamW on groups of (parameters, rate), with averaged weights and a state every two minutes.

    `others` (temperatures) are trained but neither averaged nor held near their start. The rate rises over `warm` steps and falls
    to 0 over the last part, `fall`, of all. `saved` is called after each state.
    """

    def __init__(self, module, groups, others, options, warm=30, fall=1.0, clip=1.0, average_every=1, others_rate=5e-3, saved=None):
        groups = [(list(parameters), rate) for parameters, rate in groups]
        groups = [(parameters, rate) for parameters, rate in groups if rate > 0 and parameters]
        module.requires_grad_(False)
        self.parameters = [p.requires_grad_(True) for parameters, _ in groups for p in parameters]
        self.start, self.mean = ([p.detach().clone() for p in self.parameters] for _ in range(2))
        self.others, self.options, self.step = others, options, 0
        self.warm, self.fall, self.clip, self.average_every, self.after = warm, fall, clip, average_every, saved
        made = [{"params": parameters, "lr": rate} for parameters, rate in groups]
        made += [{"params": others, "lr": others_rate}] if others else []
        self.optimiser = torch.optim.AdamW(made, weight_decay=0.0, betas=(0.9, 0.98), fused=True)
        self.rates = [group["lr"] for group in self.optimiser.param_groups]
        self.state, self.saved = State(options.out), time.time()
        self.log = open(options.out / "log.txt", "a", encoding="utf-8")

    def say(self, text):
        """A line on standard output and in RUN/log.txt."""
        print(text, flush=True)
        print(text, file=self.log, flush=True)

    def restore(self):
        """Goes on from a state where there is one; what `save` was given beside it."""
        found = self.state.load()
        if found is None:
            return {}
        with torch.no_grad():
            for p, mean, value, average in zip(self.parameters, self.mean, found["parameters"], found["average"]):
                p.copy_(value), mean.copy_(average)
            for p, value in zip(self.others, found["others"]):
                p.copy_(value)
        self.optimiser.load_state_dict(found["optimiser"])
        self.step = found["step"]
        self.say(f"goes on from step {self.step}")
        return found["more"]

    def save(self, more):
        """The state, with what else the run needs to go on."""
        self.state.save(parameters=[p.detach() for p in self.parameters], average=self.mean, others=[p.detach() for p in self.others],
                        optimiser=self.optimiser.state_dict(), step=self.step, more=more)  # fmt: skip
        if self.after:
            self.after()
        self.saved = time.time()

    def distance(self):
        """Squared distance of the parameters from their start."""
        return sum(((p - s) ** 2).sum() for p, s in zip(self.parameters, self.start))

    def averaged(self, work):
        """What `work` gives with the averaged weights in place."""
        own = [p.detach().clone() for p in self.parameters]
        with torch.no_grad():
            for p, mean in zip(self.parameters, self.mean):
                p.copy_(mean)
            result = work()
            for p, value in zip(self.parameters, own):
                p.copy_(value)
        return result

    def update(self, loss, more):
        """One step down the gradient; SystemExit 3 with the weights before it on disk where the loss is no number."""
        self.optimiser.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.clip)
        if not torch.isfinite(loss) or not torch.isfinite(norm):
            self.say(f"step {self.step}: the loss is {float(loss)}, its gradient {float(norm)}: stopped, the weights before it are kept")
            self.save(more())
            raise SystemExit(3)
        left = (self.options.steps - self.step) / self.options.steps
        share = min(1.0, (self.step + 1) / self.warm) * min(1.0, left / self.fall)
        for group, rate in zip(self.optimiser.param_groups, self.rates):
            group["lr"] = rate * share
        self.optimiser.step()
        self.step += 1
        if self.step % self.average_every == 0:
            keep = min(self.options.average, 1 - 1 / (self.step / 2 + 1)) ** self.average_every
            torch._foreach_lerp_(self.mean, [p.detach() for p in self.parameters], 1 - keep)
        if time.time() - self.saved > 120 or self.step in (self.options.steps, self.options.stop):
            self.save(more())
