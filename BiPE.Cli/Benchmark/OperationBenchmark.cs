using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark;

/// <summary>The operations of a training step one by one, at the sizes that they have in it.</summary>
/// <param name="backend">The device.</param>
/// <param name="rates">What it reaches.</param>
/// <param name="config">The model.</param>
/// <param name="batch">Blocks of a step.</param>
internal sealed class OperationBenchmark(ITensorBackend backend, DeviceRates rates, ModelConfig config, int batch)
{
    private readonly int _rows = batch * config.TrainScale;
    private readonly double _element = backend.Info.ActivationType.ByteSize();

    /// <summary>Measures each operation.</summary>
    public IReadOnlyList<OperationRate> Run() =>
        [.. Products(), .. Norms(), .. Gates(), .. Positions(), .. Attention(), .. Loss(), .. Tables(), .. Training()];

    private IEnumerable<OperationRate> Products()
    {
        using var scope = new TensorScope(backend);
        int hidden = config.HiddenSize;
        int wide = 2 * config.IntermediateSize;
        Tensor x = Zeros(scope, _rows, hidden);
        Tensor weight = Zeros(scope, wide, hidden);
        Tensor y = Zeros(scope, _rows, wide);
        Tensor gradient = scope.Allocate(weight.Shape, backend.Info.StatisticsType);
        double flops = 2.0 * _rows * hidden * wide;
        yield return Product("MatMul, gate and up", flops, () => backend.MatMul(y, x, weight, new MatMulOptions { TransposeB = true }));
        yield return Product("MatMul, gradient of its input", flops, () => backend.MatMul(x, y, weight));
        yield return Product("MatMul, gradient of its weight", flops, () => backend.MatMul(gradient, y, x, new MatMulOptions { TransposeA = true }));
    }

    private IEnumerable<OperationRate> Norms()
    {
        using var scope = new TensorScope(backend);
        Tensor x = Zeros(scope, _rows, config.HiddenSize);
        Tensor y = Zeros(scope, _rows, config.HiddenSize);
        Tensor dx = Zeros(scope, _rows, config.HiddenSize);
        Tensor weight = Zeros(scope, config.HiddenSize);
        Tensor inverse = scope.Allocate(new Shape(_rows), backend.Info.StatisticsType);
        Tensor dw = scope.Allocate(weight.Shape, backend.Info.StatisticsType);
        double bytes = x.ByteLength;
        yield return Moved("RmsNorm", 2 * bytes, () => backend.RmsNorm(y, inverse, x, weight, 1e-5));
        yield return Moved("RmsNormBackward", 3 * bytes, () => backend.RmsNormBackward(
            dx, WriteMode.Overwrite, dw, WriteMode.Overwrite, y, x, inverse, weight));
        yield return Moved("AddScaled", 3 * bytes, () => backend.AddScaled(dx, y, 1));
    }

    private IEnumerable<OperationRate> Gates()
    {
        using var scope = new TensorScope(backend);
        Tensor gateUp = Zeros(scope, _rows, 2 * config.IntermediateSize);
        Tensor result = Zeros(scope, _rows, config.IntermediateSize);
        double bytes = result.ByteLength;
        yield return Moved("SwiGlu", 3 * bytes, () => backend.SwiGlu(result, gateUp));
        yield return Moved("SwiGluBackward", 5 * bytes, () => backend.SwiGluBackward(gateUp, result, gateUp));
    }

    private IEnumerable<OperationRate> Positions()
    {
        using var scope = new TensorScope(backend);
        int heads = config.HeadCount + (2 * config.KeyValueHeadCount);
        int turned = config.HeadCount + config.KeyValueHeadCount;
        Tensor packed = Zeros(scope, batch, config.TrainScale, heads, config.HeadDimension);
        Tensor table = scope.Allocate(new Shape(config.TrainScale, config.HeadDimension / 2), backend.Info.StatisticsType);
        Tensor ids = scope.Allocate(new Shape(batch, config.TrainScale), ElementType.Int32);
        backend.Fill(table, 0.5);
        backend.Fill(ids, 1);
        yield return Moved(
            "Rotate", 2.0 * _rows * turned * config.HeadDimension * _element, () => backend.Rotate(packed, new RotateArguments(0, turned, table, table, ids)));
    }

    private IEnumerable<OperationRate> Attention()
    {
        using var scope = new TensorScope(backend);
        int time = config.TrainScale;
        int size = config.HeadDimension;
        Tensor packed = Zeros(scope, batch, time, config.HeadCount + (2 * config.KeyValueHeadCount), size);
        Tensor gradient = Zeros(scope, batch, time, config.HeadCount + (2 * config.KeyValueHeadCount), size);
        Tensor output = Zeros(scope, batch, time, config.HeadCount, size);
        Tensor ofOutput = Zeros(scope, batch, time, config.HeadCount, size);
        Tensor logSumExp = scope.Allocate(new Shape(batch, config.HeadCount, time), backend.Info.StatisticsType);
        Tensor slopes = scope.Allocate(new Shape(config.HeadCount), backend.Info.StatisticsType);
        Tensor positions = scope.Allocate(new Shape(batch, time), ElementType.Int32);
        backend.Fill(slopes, 0.1);
        backend.Upload<int>(positions, [.. Enumerable.Range(0, _rows).Select(i => i % time)]);
        AttentionArguments plain = AttentionArguments.FromPacked(packed, config.HeadCount, config.KeyValueHeadCount, 1 / Math.Sqrt(size));
        double flops = 2.0 * batch * config.HeadCount * (double)time * (time + 1) * size;
        foreach ((string name, AttentionArguments arguments) in new[]
            {
                ("", plain), (", bias", plain with { Bias = new AttentionBias(AttentionBiasKind.PerKey, slopes, positions) }),
            })
        {
            yield return Product($"Attention{name}", flops, () => backend.Attention(output, logSumExp, arguments));
            yield return Product($"AttentionBackward{name}", 2.5 * flops, () => backend.AttentionBackward(
                new AttentionGradients(gradient, WriteMode.Overwrite), ofOutput, output, logSumExp, arguments));
        }
    }

    private IEnumerable<OperationRate> Loss()
    {
        using var scope = new TensorScope(backend);
        int rows = (int)Math.Clamp(Core.Autograd.Tape.DefaultChunkBytes / (config.VocabularySize * (long)_element), 1, _rows);
        Tensor logits = Zeros(scope, rows, config.VocabularySize);
        Tensor losses = scope.Allocate(new Shape(rows), backend.Info.StatisticsType);
        Tensor labels = scope.Allocate(new Shape(rows), ElementType.Int32);
        backend.Fill(labels, 1);
        yield return Moved("CrossEntropy", 2.0 * logits.ByteLength, () => backend.CrossEntropy(losses, logits, labels, new CrossEntropyOptions(-1, true)));
    }

    private IEnumerable<OperationRate> Tables()
    {
        using var scope = new TensorScope(backend);
        Tensor table = Zeros(scope, config.VocabularySize, config.HiddenSize);
        Tensor gradient = scope.Allocate(table.Shape, backend.Info.StatisticsType);
        Tensor rows = Zeros(scope, _rows, config.HiddenSize);
        Tensor ids = scope.Allocate(new Shape(_rows), ElementType.Int32);
        backend.Upload<int>(ids, RandomText.Tokens(config, _rows));
        yield return Moved("GatherRows", 2.0 * rows.ByteLength, () => backend.GatherRows(rows, table, ids));
        yield return Moved("ScatterAddRows", rows.ByteLength + (double)gradient.ByteLength, () =>
            backend.ScatterAddRows(gradient, rows, ids, -1, WriteMode.Overwrite));
    }

    private IEnumerable<OperationRate> Training()
    {
        // The largest tensor of most models.
        int length = config.VocabularySize * config.HiddenSize;
        using var scope = new TensorScope(backend);
        Tensor Statistic() => scope.Allocate(new Shape(length), backend.Info.StatisticsType);
        bool hasCopy = backend.Info.ActivationType != backend.Info.StatisticsType;
        var tensors = new AdamWTensors(Statistic(), Statistic(), Statistic(), Statistic(), hasCopy ? Zeros(scope, length) : null);
        foreach (Tensor tensor in new[] { tensors.Parameter, tensors.Gradient, tensors.FirstMoment, tensors.SecondMoment })
        {
            backend.Fill(tensor, 0.01);
        }

        Tensor sum = scope.Allocate(new Shape(1), backend.Info.StatisticsType);
        yield return Moved("SumOfSquares", 4.0 * length, () => backend.SumOfSquares(sum, [tensors.Gradient]));
        yield return Moved("AdamWStep", (28.0 + (hasCopy ? _element : 0)) * length, () =>
            backend.AdamWStep(tensors, sum, new AdamWOptions(1, 1e-4, 0.9, 0.999, 1e-8, 0.01, 1)));
    }

    private Tensor Zeros(TensorScope scope, params ReadOnlySpan<int> shape)
    {
        Tensor tensor = scope.Allocate(new Shape(shape));
        backend.Fill(tensor, 0);
        return tensor;
    }

    private OperationRate Moved(string name, double bytes, Action work)
    {
        double seconds = Timing.Seconds(backend, work);
        return new OperationRate(name, seconds * 1e6, bytes, bytes / seconds / rates.CopyBytes, 0, 0);
    }

    private OperationRate Product(string name, double flops, Action work)
    {
        double seconds = Timing.Seconds(backend, work);
        return new OperationRate(name, seconds * 1e6, 0, 0, flops, flops / seconds / rates.ProductFlops);
    }
}
