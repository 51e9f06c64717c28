using BiPE.Cli.Benchmark;
using BiPE.Cli.Benchmark.Cases;
using BiPE.Cli.Benchmark.Suite;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Cpu;

namespace BiPE.Cli.Tests.Benchmark;

internal sealed class OperationMeterTests
{
    private static readonly DeviceRates Rates = new(1e12, 1e11, 5e10);

    internal static readonly ModelConfig Small = new()
    {
        VocabularySize = 400,
        HiddenSize = 16,
        IntermediateSize = 24,
        LayerCount = 1,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        TrainScale = 32,
        PositionEncoding = "bipe_rope",
    };

    private TimingBackend _backend = null!;

    internal static IEnumerable<OperationCase> AllCases =>
    [
        .. ProductCases.Layers(Small, 8), .. ProductCases.FewRows(Small, 1, 3), .. AttentionCases.Of(Small, 2, 32, AttentionCases.AllKinds),
        .. RowCases.Of(Small, 2, 32),
    ];

    private static IEnumerable<OperationCase> MemoryCases => AllCases.Where(operation => operation.Limit != OperationLimit.Peak);

    [SetUp]
    public void Open() => _backend = new TimingBackend(new ValidatingBackend(new CpuBackend(new CpuBackendOptions { Threads = 2 })));

    [TearDown]
    public void Close() => _backend.Dispose();

    [TestCaseSource(nameof(AllCases))]
    public void EveryCaseRunsCountsItsWorkAndGivesItsMemoryBack(object testCase)
    {
        var operation = (OperationCase)testCase;
        OperationRate rate = new OperationMeter(_backend, Rates, budget: 1e-4).Measure(operation);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(rate.Name, Is.EqualTo(operation.Name));
            Assert.That(rate.Microseconds, Is.Positive);
            Assert.That(rate.Bytes, Is.Positive);
            Assert.That(rate.Flops, operation.Limit == OperationLimit.Peak || operation.Name.StartsWith("MatMul", StringComparison.Ordinal) ? Is.Positive : Is.Zero);
            Assert.That(rate.ShareOfLimit, Is.Positive);
            Assert.That(_backend.Memory.LiveBuffers, Is.Zero);
        }
    }

    [TestCaseSource(nameof(MemoryCases))]
    public void AnotherSetOfOperandsTakesNoMoreMemoryThanTheOperationMoves(object testCase)
    {
        var operation = (OperationCase)testCase;
        double bytes = operation.Count(_backend).Bytes;

        Assert.That((BytesOfOperands(operation, 9) - BytesOfOperands(operation, 1)) / 8, Is.LessThanOrEqualTo(bytes));
    }

    [Test]
    public void SharesAreOfWhatTheOperationComesUpAgainst()
    {
        OperationCase[] cases = [.. ProductCases.FewRows(Small, 1), .. ProductCases.Layers(Small, 8).Take(1)];
        var meter = new OperationMeter(_backend, Rates, budget: 1e-4);
        OperationRate read = meter.Measure(cases[0]);
        OperationRate peak = meter.Measure(cases[^1]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Bytes, Is.EqualTo(sizeof(float) * (48 + 16 + (48 * 16))));
            Assert.That(read.ShareOfLimit, Is.EqualTo(read.BytesPerSecond / 5e10).Within(1e-12));
            Assert.That(peak.Flops, Is.EqualTo(2 * 8 * 32 * 16));
            Assert.That(peak.ShareOfLimit, Is.EqualTo(peak.FlopsPerSecond / 1e12).Within(1e-12));
        }
    }

    [Test]
    public void TheSuiteHasEveryProductOfTheLargeModelThreeTimes()
    {
        string[] names = [.. SuitePlan.Operations(isQuick: false).Select(operation => operation.Name)];

        Assert.That(names, Is.Unique);
        Assert.That(names, Is.SupersetOf(
            from shape in new[] { "768 x 768", "2304 x 768", "6144 x 768", "768 x 3072", "32000 x 768" }
            from role in new[] { "forward", "input gradient", "weight gradient" }
            select $"MatMul 1024 x {shape}, {role}"));
    }

    private long BytesOfOperands(OperationCase operation, int sets)
    {
        using var scope = new TensorScope(_backend);
        operation.Prepare(new OperandSets(scope, sets));
        return _backend.Memory.Used;
    }
}
