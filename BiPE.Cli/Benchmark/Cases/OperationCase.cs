using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark.Cases;

/// <summary>One operation at one size.</summary>
/// <param name="Name">The operation with its size, as it is shown.</param>
/// <param name="Limit">What it comes up against.</param>
/// <param name="Prepare">Allocates operands and gives what runs the operation on one of their sets, by the number of the run.</param>
internal sealed record OperationCase(string Name, OperationLimit Limit, Func<OperandSets, Action<int>> Prepare)
{
    private const int MostSets = 256;

    /// <summary>Runs it once and counts its work.</summary>
    /// <param name="backend">Computes and counts; it does not record afterwards.</param>
    public (double Flops, double Bytes) Count(TimingBackend backend)
    {
        backend.IsRecording = false;
        using var scope = new TensorScope(backend);
        Action<int> run = Prepare(new OperandSets(scope, 1));
        backend.Reset();
        backend.IsRecording = true;
        run(0);
        backend.IsRecording = false;
        return (backend.Timings.Sum(timing => timing.Flops), backend.Timings.Sum(timing => timing.Bytes));
    }

    /// <summary>How many sets of operands it takes: where memory decides, operands that wait in a cache would flatter.</summary>
    /// <param name="bytes">Bytes of one set.</param>
    /// <param name="memory">Bytes that no cache holds.</param>
    public int SetsOf(double bytes, double memory) =>
        Limit == OperationLimit.Peak ? 1 : (int)Math.Clamp(Math.Ceiling(memory / bytes), 1, MostSets);
}
