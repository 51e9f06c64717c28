"""Trains and evaluates the same model with PyTorch on the same GPU, as the peer that `bipe bench` is compared with.

    python3 torch_peer.py --config config/bipe_rope.json --config config/bipe_alibi.json --json results/torch.json --beside results

The same architecture, batch, random text and float32 master weights; products in bfloat16 by autocast, attention by
scaled_dot_product_attention, AdamW with one fused kernel, gradients clipped by their global norm. Everything is measured as written
and through torch.compile, which evaluates at the first and the last block size alone: it compiles anew for each. Nothing is started
after --seconds. Without PyTorch or a GPU it says so, writes that to the JSON file, and ends with success.
"""

import argparse
import json
import math
import os
import random
import sys
import time

MEAN_SEGMENT = 24
SEPARATORS = (869, 13)
BILEVEL_FACTOR = 96
EVALUATED_TOKENS = 8192
WARM_UP_STEPS = 5

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as error:
    torch = None
    IMPORT_PROBLEM = str(error)


def random_tokens(count, vocabulary):
    """Tokens without meaning, with segments about as long as sentences are."""
    draw = random.Random(1)
    return [SEPARATORS[1] if draw.randrange(MEAN_SEGMENT) == 0 else draw.randrange(vocabulary) for _ in range(count)]


def alibi_slopes(heads):
    """2^(-8 i / n), and every second slope of twice as many where heads are no power of two (arXiv 2108.12409)."""
    power = 1 << (heads.bit_length() - 1)
    slopes = [2 ** (-8.0 * (i + 1) / power) for i in range(power)]
    return slopes + [2 ** (-8.0 * (2 * i + 1) / (2 * power)) for i in range(heads - power)]


def flops_per_token(config, length):
    """Operations of the forward pass of one token: products, and causal attention over the tokens before it."""
    hidden = config["hidden_size"]
    layer = 4 * hidden * hidden + 3 * hidden * config["intermediate_size"] + hidden * (length + 1)
    return 2 * (config["num_hidden_layers"] * layer + hidden * config["vocab_size"])


if torch is not None:

    def bilevel_ids(tokens):
        """Segment number and offset in its segment of every token [batch, time]; a separator closes its segment."""
        closes = (tokens == SEPARATORS[0]) | (tokens == SEPARATORS[1])
        opens = torch.cat((torch.zeros_like(closes[:, :1]), closes[:, :-1]), dim=1)
        index = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
        starts = torch.cummax(torch.where(opens, index, torch.zeros_like(index)), dim=1).values
        return torch.cumsum(opens, dim=1), index - starts

    class Norm(nn.Module):
        def __init__(self, size, epsilon):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(size))
            self.epsilon = epsilon

        def forward(self, x):
            wide = x.float()
            scaled = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.epsilon)
            return (scaled * self.weight).to(x.dtype)

    class Layer(nn.Module):
        def __init__(self, config):
            super().__init__()
            hidden = config["hidden_size"]
            inner = config["intermediate_size"]
            self.heads = config["num_attention_heads"]
            self.attention_norm = Norm(hidden, config["rms_norm_eps"])
            self.mlp_norm = Norm(hidden, config["rms_norm_eps"])
            self.packed = nn.Linear(hidden, 3 * hidden, bias=False)
            self.output = nn.Linear(hidden, hidden, bias=False)
            self.gate_up = nn.Linear(hidden, 2 * inner, bias=False)
            self.down = nn.Linear(inner, hidden, bias=False)

        def forward(self, x, rotary, bias):
            batch, length, hidden = x.shape
            packed = self.packed(self.attention_norm(x)).view(batch, length, 3, self.heads, hidden // self.heads)
            query, key, value = (part.transpose(1, 2) for part in packed.unbind(2))
            if rotary is not None:
                query, key = rotate(query, rotary), rotate(key, rotary)
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias, is_causal=bias is None)
            x = x + self.output(mixed.transpose(1, 2).reshape(batch, length, hidden))
            gate, up = self.gate_up(self.mlp_norm(x)).chunk(2, dim=-1)
            return x + self.down(functional.silu(gate) * up)

    def rotate(x, rotary):
        cosine, sine = rotary
        first, second = x.chunk(2, dim=-1)
        return torch.cat((first * cosine - second * sine, second * cosine + first * sine), dim=-1)

    class Model(nn.Module):
        def __init__(self, config):
            super().__init__()
            hidden = config["hidden_size"]
            self.is_rope = config["rpe_type"].endswith("rope")
            self.is_bilevel = config["rpe_type"].startswith("bipe_")
            heads = config["num_attention_heads"]
            self.embedding = nn.Embedding(config["vocab_size"], hidden)
            self.offsets = nn.Embedding(config["train_scale"], hidden) if self.is_bilevel else None
            self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
            self.norm = Norm(hidden, config["rms_norm_eps"])
            self.head = nn.Linear(hidden, config["vocab_size"], bias=False)
            size = hidden // heads
            slopes = torch.tensor(alibi_slopes(heads)) * (BILEVEL_FACTOR if self.is_bilevel else 1)
            self.register_buffer("frequencies", 10000.0 ** (-torch.arange(0, size, 2).float() / size), persistent=False)
            self.register_buffer("slopes", slopes, persistent=False)
            for parameter in self.parameters():
                if parameter.dim() > 1:
                    nn.init.normal_(parameter, std=config["initializer_range"])

        def forward(self, tokens, labels):
            batch, length = tokens.shape
            x = self.embedding(tokens)
            if self.is_bilevel:
                positions, offsets = bilevel_ids(tokens)
                x = x + self.offsets(offsets.clamp(max=self.offsets.num_embeddings - 1))
            else:
                positions = torch.arange(length, device=tokens.device).expand(batch, length)
            x = x.to(torch.bfloat16)
            rotary, bias = None, None
            if self.is_rope:
                angles = positions[:, None, :, None].float() * self.frequencies
                rotary = (angles.cos().to(x.dtype), angles.sin().to(x.dtype))
            else:
                distance = (positions[:, None, None, :] - positions[:, None, :, None]).float()
                above = torch.ones(length, length, dtype=torch.bool, device=tokens.device).triu(1)
                bias = (self.slopes[:, None, None] * distance).masked_fill(above, -math.inf).to(x.dtype)
            for layer in self.layers:
                x = layer(x, rotary, bias)
            logits = self.head(self.norm(x))
            return functional.cross_entropy(logits[:, :-1].float().flatten(0, 1), labels[:, 1:].flatten())


def timed(work, repetitions):
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(repetitions):
        work()
    torch.cuda.synchronize()
    return (time.perf_counter() - start) / repetitions


def product_rate():
    """Operations a second of a large product in bfloat16."""
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    timed(lambda: a @ b.t(), 3)
    return 2 * 8192**3 / timed(lambda: a @ b.t(), 50)


def measure(config, compiled, batch, steps, block_sizes, rate, deadline):
    torch.manual_seed(1)
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    length = config["train_scale"]
    model = Model(config).cuda()
    forward = torch.compile(model, dynamic=False) if compiled else model
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01, fused=True)
    text = torch.tensor(random_tokens(batch * length, config["vocab_size"])).view(batch, length).cuda()
    last = [0.0]

    def step():
        with torch.autocast("cuda", torch.bfloat16):
            loss = forward(text, text)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        last[0] = loss.item()

    timed(step, WARM_UP_STEPS)
    seconds = timed(step, steps)
    tokens = batch * length / seconds
    training = {
        "batchSize": batch,
        "blockSize": length,
        "steps": steps,
        "secondsPerStep": seconds,
        "tokensPerSecond": tokens,
        "shareOfProductRate": tokens * 3 * flops_per_token(config, length) / rate,
        "peakBytes": torch.cuda.max_memory_allocated(),
        "reservedBytes": torch.cuda.max_memory_reserved(),
        "lastLoss": last[0],
    }
    del optimizer
    torch.cuda.empty_cache()
    evaluation = []
    for block_size in sorted({block_sizes[0], block_sizes[-1]}) if compiled else block_sizes:
        if time.monotonic() > deadline:
            break
        blocks = max(1, EVALUATED_TOKENS // block_size)
        text = torch.tensor(random_tokens(blocks * block_size, config["vocab_size"])).view(blocks, block_size).cuda()

        def evaluate():
            with torch.no_grad(), torch.autocast("cuda", torch.bfloat16):
                forward(text, text).item()

        try:
            timed(evaluate, 3)
            seconds = timed(evaluate, 10)
        except torch.cuda.OutOfMemoryError:
            evaluation.append({"blockSize": block_size, "blocks": blocks, "problem": "out of memory"})
            continue
        tokens = blocks * block_size / seconds
        share = tokens * flops_per_token(config, block_size) / rate
        evaluation.append(
            {"blockSize": block_size, "blocks": blocks, "seconds": seconds, "tokensPerSecond": tokens, "shareOfProductRate": share}
        )
    return {"model": config["rpe_type"], "compiled": compiled, "training": training, "evaluation": evaluation}


def describe(result, folder):
    """A line on a result, with the ratio to what `bipe bench` measured for the same model."""
    name = f"PyTorch {'torch.compile' if result['compiled'] else 'as written'}, {result['model']}"
    if "problem" in result:
        return f"{name}: {result['problem']}"
    rate = result["training"]["tokensPerSecond"]
    line = f"{name}: {rate:,.0f} tokens/s of training"
    path = os.path.join(folder, f"bench-{result['model']}.json") if folder else ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            ours = json.load(file)["training"]["tokensPerSecond"]
        line += f"; bipe {ours:,.0f}, {ours / rate:.2f} times as many"
    return line


def write(path, report):
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(report, file, indent=2)
    os.replace(path + ".part", path)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--config", action="append", required=True, help="configuration of a model; may be repeated")
    options.add_argument("--batch-size", type=int, default=32)
    options.add_argument("--steps", type=int, default=20)
    options.add_argument("--block-size", default="1024,2048,4096,8192")
    options.add_argument("--seconds", type=float, default=360, help="nothing is started after this time")
    options.add_argument("--json", required=True, help="file for the results")
    options.add_argument("--beside", default="", help="folder with the files of bipe bench, to print ratios")
    parsed = options.parse_args()
    problem = (
        f"PyTorch is not installed ({IMPORT_PROBLEM})" if torch is None
        else "PyTorch finds no GPU" if not torch.cuda.is_available()
        else None
    )
    if problem is not None:
        print(f"The comparison with PyTorch was left out: {problem}.")
        write(parsed.json, {"skipped": problem})
        return 0

    report = {"torch": torch.__version__, "cuda": torch.version.cuda, "device": torch.cuda.get_device_name(), "results": []}
    report["productFlops"] = product_rate()
    deadline = time.monotonic() + parsed.seconds
    block_sizes = [int(size) for size in parsed.block_size.split(",")]
    configs = []
    for path in parsed.config:
        with open(path, encoding="utf-8") as file:
            configs.append(json.load(file))
    for compiled in (False, True):
        for config in configs:
            if time.monotonic() > deadline:
                print("No time was left for the rest; give more --seconds.")
                return 0
            try:
                result = measure(config, compiled, parsed.batch_size, parsed.steps, block_sizes, report["productFlops"], deadline)
            except Exception as error:  # one that fails must not cost the results of the others
                result = {"model": config["rpe_type"], "compiled": compiled, "problem": f"{type(error).__name__}: {error}"}
            report["results"].append(result)
            print(describe(result, parsed.beside), flush=True)
            write(parsed.json, report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
