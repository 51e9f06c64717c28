using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Tensors;

namespace BiPE.Core.Tests.Model;

/// <summary>Attention of small operations and the fused one give the same, with every bias that both can express.</summary>
public sealed class ComposedAttentionTests
{
    private const int Largest = 5;
    private static readonly AttentionShape Shape = new(Batch: 2, Time: 9, HeadCount: 6, KeyValueHeadCount: 2, HeadDimension: 4);

    /// <summary>Segments of uneven lengths; row 1 has fewer.</summary>
    private static readonly int[] Positions = [0, 0, 1, 2, 2, 2, 3, 4, 5, 0, 0, 0, 0, 1, 1, 2, 2, 2];

    /// <summary>Documents of uneven lengths; positions start anew with each.</summary>
    private static readonly int[] Documents = [0, 0, 0, 0, 1, 1, 1, 2, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1];
    private static readonly int[] PositionsInDocuments = [0, 2, 4, 5, 0, 0, 1, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3, 4];

    [Test]
    public void ValuesAndGradientsAreThoseOfTheFusedOperation(
        [ValueSource(typeof(TestBackends), nameof(TestBackends.Names))] string backendName,
        [Values(null, AttentionBiasKind.PerKey, AttentionBiasKind.PerDistance, AttentionBiasKind.PerPair)] AttentionBiasKind? kind,
        [Values] bool hasDocuments)
    {
        using ITensorBackend backend = TestBackends.Create(backendName);
        double tolerance = backendName == "reference" ? 1e-13 : 3e-6;
        double[][] fused = Run(backend, kind, hasDocuments, (tape, packed, bias, documents) => tape.Attention(packed, Shape, bias, documents));
        double[][] composed = Run(backend, kind, hasDocuments, (tape, packed, bias, documents) =>
            ComposedAttention.Attend(tape, packed, Shape, new AttentionTerms(null, bias) { Documents = documents }, layer: 0));
        Assert.That(composed[0], Is.EqualTo(fused[0]).Within(tolerance), "values");
        Assert.That(composed[1], Is.EqualTo(fused[1]).Within(tolerance), "gradient of queries, keys and values");
        Assert.That(composed[2], Is.EqualTo(fused[2]).Within(4 * tolerance), "gradient of the bias's table");
        Assert.That(backend.Memory.LiveBuffers, Is.Zero);
    }

    private static double[][] Run(
        ITensorBackend backend, AttentionBiasKind? kind, bool hasDocuments, Func<Tape, Variable, AttentionBiasVariable?, Tensor?, Variable> attend)
    {
        var random = new Random(11);
        using var tape = new Tape(backend, isRecording: true);
        Variable packed = Filled(new Shape(18, 40), backend.Info.ActivationType, 1);
        AttentionBiasVariable? bias = null;
        if (kind is { } given)
        {
            Tensor positions = Uploaded(hasDocuments ? PositionsInDocuments : Positions);
            Shape table = given switch
            {
                AttentionBiasKind.PerKey => new Shape(6),
                AttentionBiasKind.PerDistance => new Shape(6, Largest + 1),
                _ => new Shape(6, Largest + 1, Largest + 1),
            };
            
            // The fused operation has no gradient of slopes.
            Variable values = Filled(table, backend.Info.StatisticsType, 2);
            bias = new AttentionBiasVariable(given, given == AttentionBiasKind.PerKey ? Tape.Constant(values.Value) : values, positions);
        }

        Variable attended = attend(tape, packed, bias, hasDocuments ? Uploaded(Documents) : null);
        double[] result = backend.ReadDoubles(attended.Value);
        tape.Backward(attended, Filled(attended.Shape, backend.Info.ActivationType, 1).Value);
        Tensor? ofTable = bias is { Table.RequiresGradient: true } ? tape.GradientOf(bias.Table) : null;
        return [result, backend.ReadDoubles(tape.GradientOf(packed)!), ofTable is null ? [] : backend.ReadDoubles(ofTable)];

        Tensor Uploaded(int[] ids)
        {
            Tensor tensor = tape.Scope.Allocate(new Shape(2, 9), ElementType.Int32);
            backend.Upload<int>(tensor, ids);
            return tensor;
        }

        Variable Filled(Shape shape, ElementType type, double scale)
        {
            Tensor tensor = tape.Scope.Allocate(shape, type);
            backend.WriteDoubles(tensor, [.. Enumerable.Range(0, (int)shape.Count).Select(_ => scale * ((2 * random.NextDouble()) - 1))]);
            return new Variable(tensor, requiresGradient: true);
        }
    }
}
