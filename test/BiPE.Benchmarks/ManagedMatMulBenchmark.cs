using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using BiPE.Core.Tensors;
using BiPE.Cpu;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using Tensor = BiPE.Core.Tensors.Tensor;

namespace BiPE.Benchmarks;

/// <summary>Products of the 151M model, activations times transposed weights, beside what .NET offers for them.</summary>
public class ManagedMatMulBenchmark : IDisposable
{
    private readonly CpuBackend _backend = new();
    private float[] _activations = [];
    private float[] _weights = [];
    private float[] _result = [];
    private Tensor? _a;
    private Tensor? _b;
    private Tensor? _c;
    private Matrix<float>? _left;
    private Matrix<float>? _right;

    /// <summary>Rows x columns x inner dimension.</summary>
    [Params("1024x768x768", "1024x3072x768", "1x3072x768")]
    public string Shape { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        Control.UseManaged();
        int[] extents = [.. Shape.Split('x').Select(int.Parse)];
        (int m, int n, int k) = (extents[0], extents[1], extents[2]);
        var random = new Random(1);
        _activations = [.. Enumerable.Range(0, m * k).Select(_ => random.NextSingle() - 0.5f)];
        _weights = [.. Enumerable.Range(0, n * k).Select(_ => random.NextSingle() - 0.5f)];
        _result = new float[m * n];
        _a = _backend.Allocate(new Shape(m, k), ElementType.Float32);
        _b = _backend.Allocate(new Shape(n, k), ElementType.Float32);
        _c = _backend.Allocate(new Shape(m, n), ElementType.Float32);
        _backend.WriteFloats(_a, _activations);
        _backend.WriteFloats(_b, _weights);
        _left = Matrix<float>.Build.DenseOfRowMajor(m, k, _activations);
        _right = Matrix<float>.Build.DenseOfRowMajor(n, k, _weights);
    }

    [Benchmark(Baseline = true)]
    public void CpuBackend() => _backend.MatMul(_c!, _a!, _b!, new MatMulOptions { TransposeB = true });

    [Benchmark]
    public Matrix<float> MathNetManaged() => _left!.TransposeAndMultiply(_right);

    [Benchmark]
    public void DotProducts()
    {
        int k = _a!.Shape[1];
        int n = _b!.Shape[0];
        Parallel.For(0, _a.Shape[0], row =>
        {
            for (int column = 0; column < n; column++)
            {
                _result[(row * n) + column] = TensorPrimitives.Dot<float>(_activations.AsSpan(row * k, k), _weights.AsSpan(column * k, k));
            }
        });
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _backend.Dispose();
        GC.SuppressFinalize(this);
    }
}
