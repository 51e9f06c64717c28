namespace BiPE.Benchmarks.Peer;

/// <summary>A pass that both programs are measured at.</summary>
/// <param name="IsTraining">Training, or evaluation of one block.</param>
/// <param name="Model">base, tiny or bytes.</param>
/// <param name="Encoding">Position encoding.</param>
/// <param name="BatchSize">Blocks of a training step.</param>
/// <param name="BlockSize">Tokens of a block.</param>
internal sealed record ComparedPass(bool IsTraining, string Model, string Encoding, int BatchSize, int BlockSize)
{
    /// <summary>What is compared.</summary>
    public static IEnumerable<ComparedPass> All =>
        from encoding in new[] { "bipe_rope", "bipe_alibi" }
        from pass in new[]
        {
            new ComparedPass(true, "base", encoding, 1, 1024), new ComparedPass(true, "base", encoding, 4, 512), new ComparedPass(true, "tiny", encoding, 8, 256),
            new ComparedPass(true, "bytes", encoding, 8, 256), new ComparedPass(false, "base", encoding, 1, 1024), new ComparedPass(false, "base", encoding, 1, 8192),
        }
        select pass;

    /// <summary>As it stands in the table.</summary>
    public string Name => $"{(IsTraining ? "training" : "evaluation")} {Model} {Encoding}, {BatchSize} x {BlockSize}";

    /// <summary>Options that bipe is also measured with: other ways to spend memory, where there is much of it.</summary>
    public IReadOnlyList<string> AlsoWith => Model != "base" ? [] : IsTraining ? ["--recompute feed-forward", "--recompute layers"] : ["--dtype bfloat16"];

    /// <summary>Arguments of <c>bipe</c>.</summary>
    /// <param name="more">More options, or none.</param>
    /// <param name="steps">Steps to time.</param>
    /// <param name="threads">Threads.</param>
    public IEnumerable<string> OurArguments(string more, int steps, int threads) =>
    [
        "bench", "--step", IsTraining ? "train" : "eval", "--config", Model, "--encoding", Encoding, "--batch-size", $"{BatchSize}",
        "--block-size", $"{BlockSize}", "--steps", $"{steps}", "--threads", $"{threads}", "--backend", "cpu",
        .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--json",
    ];

    /// <summary>Arguments of the peer.</summary>
    /// <param name="isTuned">Whether in its best form, or as one would first write it.</param>
    /// <param name="steps">Steps to time.</param>
    /// <param name="threads">Threads.</param>
    public IEnumerable<string> PeerArguments(bool isTuned, int steps, int threads) =>
    [
        IsTraining ? "train" : "eval", "--config", Model, "--variant", Encoding, "--seq", $"{BlockSize}", "--threads", $"{threads}",
        .. IsTraining ? ["--batch", $"{BatchSize}", "--steps", $"{steps}", "--optimizer", isTuned ? "fused" : "torch"] : new[] { "--blocks", $"{steps}" },
        "--rotary", isTuned ? "complex" : "half", "--packed", isTuned ? "1" : "0", "--chunk", isTuned ? "256" : "0",
    ];
}
