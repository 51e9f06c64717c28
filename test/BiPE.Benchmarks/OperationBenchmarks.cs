using BenchmarkDotNet.Attributes;
using BiPE.Cli.Benchmark.Cases;
using BiPE.Cli.Benchmark.Limits;
using BiPE.Cli.Benchmark.Suite;
using BiPE.Core.Tensors;
using BiPE.Cpu;

namespace BiPE.Benchmarks;

/// <summary>One operation at the sizes that <c>bipe bench</c> measures, with the care of BenchmarkDotNet; a class of its own for each.</summary>
public abstract class OperationBenchmarks : IDisposable
{
    private readonly TimingBackend _backend = new(new CpuBackend());
    private readonly string _operation;
    private TensorScope? _scope;
    private Action<int>? _run;
    private int _turn;

    /// <summary>Finds the operation's cases.</summary>
    /// <param name="operation">Its name, as in the interface.</param>
    protected OperationBenchmarks(string operation) => _operation = operation;

    /// <summary>The sizes.</summary>
    public IEnumerable<string> Cases => Find().Select(operation => operation.Name[(_operation.Length + 1)..]);

    [ParamsSource(nameof(Cases))]
    public string Case { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        OperationCase operation = Find().Single(operation => operation.Name == $"{_operation} {Case}");
        int sets = operation.SetsOf(operation.Count(_backend).Bytes, LimitMeter.MemoryBytes);
        _scope = new TensorScope(_backend);
        _run = operation.Prepare(new OperandSets(_scope, sets));
    }

    [Benchmark]
    public void Run() => _run!(_turn++);

    [GlobalCleanup]
    public void Dispose()
    {
        _scope?.Dispose();
        _backend.Dispose();
        GC.SuppressFinalize(this);
    }

    private IEnumerable<OperationCase> Find() =>
        SuitePlan.Operations(isQuick: false).Where(operation => operation.Name.StartsWith($"{_operation} ", StringComparison.Ordinal));
}
