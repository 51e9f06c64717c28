using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class AttentionBackwardTests(BackendFixture fixture) : OperationTests(fixture)
{
    private static readonly int[] Times = [.. Enumerable.Range(1, 20), 31, 32, 33, 63, 64, 65, 66, 97, 127, 128, 129, 130, 193];
    private static readonly AttentionBiasKind?[] Biases = [null, .. Enum.GetValues<AttentionBiasKind>()];

    [TestCaseSource(nameof(Times))]
    public void MatchesTheDefinitionAtEveryLength(int time)
    {
        foreach (AttentionBiasKind? bias in BiasesAt(time))
        {
            var attention = new AttentionCase(time, 16) { Bias = bias, Heads = 2, KeyValueHeads = 1, Batch = time < 50 ? 2 : 1 };
            CheckBackward($"{time}, {bias}", attention, WriteMode.Overwrite, WriteMode.Overwrite);
        }
    }

    [Test]
    public void MatchesTheDefinitionAtEveryHeadSize([Values(1, 2, 3, 5, 8, 15, 16, 17, 20, 33, 64, 80, 96, 128)] int size, [Values(1, 30, 65)] int time) =>
        CheckBackward($"head {size}, {time}", new(time, size) { Bias = AttentionBiasKind.PerKey }, WriteMode.Overwrite, WriteMode.Overwrite);

    [TestCase(1, 1)]
    [TestCase(4, 1)]
    [TestCase(4, 2)]
    [TestCase(4, 4)]
    [TestCase(6, 3)]
    [TestCase(12, 12)]
    public void SharesKeysBetweenHeads(int heads, int shared)
    {
        var attention = new AttentionCase(37, 20) { Heads = heads, KeyValueHeads = shared, Batch = 3, Bias = AttentionBiasKind.PerDistance };
        CheckBackward($"heads {heads}, {shared}", attention, WriteMode.Accumulate, WriteMode.Overwrite);
    }

    [Test]
    public void ReplacesOrAddsEachGradient([Values] WriteMode packed, [Values] WriteMode table, [Values] AttentionBiasKind kind) =>
        CheckBackward($"{packed}, {table}, {kind}", new(70, 8) { Bias = kind, Batch = 2 }, packed, table);

    [Test]
    public void SeesOnlyItsOwnDocument([Values(1, 17, 49, 64, 130)] int time)
    {
        foreach (AttentionBiasKind? bias in BiasesAt(time))
        {
            var attention = new AttentionCase(time, 16) { HasDocuments = true, Bias = bias, Batch = 2 };
            CheckBackward($"documents {time}, {bias}", attention, WriteMode.Overwrite, WriteMode.Overwrite);
        }
    }

    [Test]
    public void PositionsMayBeginAgainWithADocument([Values] AttentionBiasKind kind, [Values(17, 130)] int time)
    {
        var attention = new AttentionCase(time, 16) { HasDocuments = true, Restarts = true, Bias = kind, Batch = 2 };
        CheckBackward($"restarts {time}, {kind}", attention, WriteMode.Overwrite, WriteMode.Overwrite);
    }

    [Test]
    public void StaysExactWithTheSlopesOfBilevelAlibi([Values(1.0, 0.5)] double segmentRate)
    {
        var attention = new AttentionCase(150, 16)
        {
            Heads = 8, KeyValueHeads = 8, Bias = AttentionBiasKind.PerKey, BiasScale = 96, SegmentRate = segmentRate,
        };
        CheckBackward($"slopes times 96, {segmentRate}", attention, WriteMode.Overwrite, WriteMode.Overwrite);
    }

    [Test]
    public void LeavesAFrozenTableAlone([Values(AttentionBiasKind.PerDistance, AttentionBiasKind.PerPair)] AttentionBiasKind kind) =>
        Check($"frozen {kind}", bench =>
        {
            var attention = new AttentionCase(40, 8) { Bias = kind };
            AttentionArguments arguments = attention.Arguments(bench);
            (Tensor output, Tensor logSumExp) = attention.RunForward(bench, arguments);
            Tensor packed = bench.Destination(arguments.Query.Shape);
            Tensor gradient = bench.Activation(output.Shape);
            bench.Backend.AttentionBackward(new(packed, WriteMode.Overwrite), gradient, output, logSumExp, arguments);
            bench.Expect("gradient of queries, keys and values", packed, attention.GradientTolerance);
        });

    [Test]
    public void MatchesTheDefinitionForRandomCases([Range(1, 40)] int number) => Check($"random case {number}", bench =>
        AttentionCases.Random(bench.Random, mayBeCached: false).RunBackward(bench, Modes[number % 2], Modes[number / 2 % 2]));

    /// <summary>Every kind of bias, or on a simulated device one at a length, each in turn.</summary>
    private AttentionBiasKind?[] BiasesAt(int time) => IsSimulated && time > 20 ? [Biases[time % Biases.Length]] : Biases;

    private void CheckBackward(string name, AttentionCase attention, WriteMode packedMode, WriteMode tableMode) =>
        Check(name, bench => attention.RunBackward(bench, packedMode, tableMode));
}
