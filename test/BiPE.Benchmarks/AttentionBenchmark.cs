using BenchmarkDotNet.Attributes;
using BiPE.Core.Tensors;
using BiPE.Cpu;

namespace BiPE.Benchmarks;

/// <summary>Causal attention of 12 heads of 64, one sequence, with and without a bias.</summary>
[WarmupCount(2)]
[IterationCount(8)]
[IterationTime(100)]
public class AttentionBenchmark : IDisposable
{
    private const int Heads = 12;
    private const int Size = 64;

    private readonly CpuBackend _backend = new();
    private AttentionArguments? _arguments;
    private Tensor? _output;
    private Tensor? _logSumExp;
    private Tensor? _gradient;
    private Tensor? _packedGradient;

    [Params(1024, 4096)]
    public int Tokens { get; set; }

    [Params(false, true)]
    public bool Alibi { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Tensor packed = Random(1, Tokens, 3 * Heads, Size);
        Tensor slopes = Random(Heads);
        Tensor positions = _backend.Allocate(new Shape(1, Tokens), ElementType.Int32);
        _backend.Upload<int>(positions, [.. Enumerable.Range(0, Tokens)]);
        _arguments = AttentionArguments.FromPacked(packed, Heads, Heads, 0.125) with
        {
            Bias = Alibi ? new AttentionBias(AttentionBiasKind.PerKey, slopes, positions) : null,
        };
        _output = Random(1, Tokens, Heads, Size);
        _logSumExp = Random(1, Heads, Tokens);
        _gradient = Random(1, Tokens, Heads, Size);
        _packedGradient = Random(1, Tokens, 3 * Heads, Size);
        Forward();
    }

    [Benchmark]
    public void Forward() => _backend.Attention(_output!, _logSumExp!, _arguments!);

    [Benchmark]
    public void Backward() => _backend.AttentionBackward(
        new AttentionGradients(_packedGradient!, WriteMode.Overwrite), _gradient!, _output!, _logSumExp!, _arguments!);

    [GlobalCleanup]
    public void Dispose()
    {
        _backend.Dispose();
        GC.SuppressFinalize(this);
    }

    private Tensor Random(params int[] extents)
    {
        var random = new Random(1);
        Tensor tensor = _backend.Allocate(new Shape(extents), ElementType.Float32);
        _backend.WriteFloats(tensor, [.. Enumerable.Range(0, (int)tensor.Count).Select(_ => random.NextSingle() - 0.5f)]);
        return tensor;
    }
}
