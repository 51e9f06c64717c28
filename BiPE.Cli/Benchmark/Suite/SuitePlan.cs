using BiPE.Cli.Benchmark.Cases;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark.Suite;

/// <summary>What the suite measures.</summary>
internal static class SuitePlan
{
    private const int Rows = 1024;
    private const int LongRow = 4096;

    private static readonly ModelConfig Base = BenchModels.Named("base");

    /// <summary>The operations.</summary>
    /// <param name="isQuick">Whether to leave out what takes long.</param>
    public static IReadOnlyList<OperationCase> Operations(bool isQuick) =>
    [
        .. ProductCases.Layers(Base, Rows),
        .. ProductCases.FewRows(Base, 1, 2, 4, 8, 16, 32),
        .. AttentionCases.Of(Base, 1, Rows, AttentionCases.AllKinds),
        .. isQuick ? [] : AttentionCases.Of(Base, 1, LongRow, AttentionCases.AllKinds),
        .. RowCases.Of(Base, 1, Rows),
    ];

    /// <summary>Operations whose growth with threads is shown: one of each kind.</summary>
    public static IReadOnlyList<OperationCase> ScalingOperations =>
    [
        .. ProductCases.Layers(Base, Rows).Where(product => product.Name.Contains(" x 6144 x ", StringComparison.Ordinal)),
        .. AttentionCases.Of(Base, 1, Rows, (AttentionBiasKind?)null),
        .. RowCases.Of(Base, 1, Rows),
    ];

    /// <summary>The whole passes.</summary>
    /// <param name="isQuick">Whether to leave out what takes long.</param>
    public static IReadOnlyList<SuiteStep> Steps(bool isQuick) => isQuick
        ? [new SuiteStep("tiny", IsTraining: true, 8, 256, 1, 3, 1), new SuiteStep("tiny", IsTraining: false, 1, 1024, 1, 3, 0.3)]
        :
        [
            new SuiteStep("tiny", IsTraining: true, 8, 256, 2, 5, 1),
            new SuiteStep("tiny", IsTraining: false, 1, 1024, 1, 5, 0.3),
            new SuiteStep("base", IsTraining: true, 1, 1024, 1, 3, 6),
            new SuiteStep("base", IsTraining: false, 1, 1024, 1, 5, 2),
        ];
}
