using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Model;
using BiPE.Testing;

namespace BiPE.Core.Tests.Positions;

public sealed class BilevelFormTests
{
    [Test]
    public void WithEveryTokenASegmentTheBilevelFormIsThePlainOne()
    {
        using var backend = new ReferenceBackend();
        ModelConfig plainConfig = TinyModels.Config("rope");
        using LanguageModel plain = TinyModels.Create(backend, plainConfig);
        ModelConfig bilevelConfig = plainConfig with
        {
            PositionEncoding = "bipe_rope",
            Segmenter = new SegmenterConfig { Tokens = [.. Enumerable.Range(0, plainConfig.VocabularySize)] },
        };
        using var bilevel = new LanguageModel(backend, bilevelConfig);
        foreach (Parameter parameter in bilevel.Parameters)
        {
            if (plain.Parameters.SingleOrDefault(other => other.Name == parameter.Name) is { } same)
            {
                backend.Copy(parameter.Value, same.Value);
            }
            else
            {
                backend.Fill(parameter.Value, 0);
            }
        }

        Assert.That(Losses(bilevel), Is.EqualTo(Losses(plain)).Within(1e-12));
    }

    [TestCase("rope")]
    [TestCase("bipe_alibi")]
    public void AttentionDependsOnDistancesAlone(string encoding)
    {
        using var backend = new ReferenceBackend();
        using var tape = new Tape(backend, isRecording: false);
        int[] row = [7, 3, 9, 9, 3, 8];
        var segmenter = new SeparatorSegmenter([3]);
        var near = new PositionStreams(row, 1, row.Length, segmenter);
        double[] first = Attend(tape, encoding, near, 0);
        double[] moved = Attend(tape, encoding, near, 13);
        Assert.That(moved, Is.EqualTo(first).Within(1e-12));
    }

    [Test]
    public void RotaryTablesAreTheClosedForm([Values(null, "linear", "dynamic")] string? scaling, [Values] bool logScale)
    {
        using var backend = new ReferenceBackend();
        using var tape = new Tape(backend, isRecording: false);
        IRotaryScaling method = scaling switch { "linear" => new LinearScaling(4), "dynamic" => new DynamicNtkScaling(2), _ => new NoScaling() };
        var shape = new RotaryShape(HeadDimension: 8, Base: 500, MaximumPositions: 6);
        using var rope = new Rope(backend, PositionStream.Token, shape, method, logScale ? new LogScale(6) : null);
        var streams = new PositionStreams(new int[24], 2, 12, new SeparatorSegmenter([]));
        RotaryTables tables = rope.Build(tape, streams, new AttentionShape(2, 12, 2, 1, 8)).Rotary!;
        double rotaryBase = scaling == "dynamic" ? 500 * Math.Pow((2 * 12 / 6.0) - 1, 8 / 6.0) : 500;
        double[] query = backend.ReadDoubles(tables.QueryCosine);
        double[] key = backend.ReadDoubles(tables.KeySine!);
        for (int position = 0; position < 12; position++)
        {
            for (int pair = 0; pair < 4; pair++)
            {
                double angle = position * Math.Pow(rotaryBase, -pair / 4.0) / (scaling == "linear" ? 4 : 1);
                double factor = logScale ? Math.Log(position + 1) / Math.Log(6) : 1;
                Assert.That(query[(position * 4) + pair], Is.EqualTo(factor * Math.Cos(angle)).Within(1e-12));
                Assert.That(key[(position * 4) + pair], Is.EqualTo(Math.Sin(angle)).Within(1e-12));
            }
        }
    }

    [Test]
    public void UnknownEncodingsAreNamedAndOwnOnesFound()
    {
        using var backend = new ReferenceBackend();
        ModelConfig config = TinyModels.Config("bipe_rop");
        Assert.That(() => new LanguageModel(backend, config), Throws.TypeOf<BipeException>().With.Message.Contains("did you mean bipe_rope?"));

        PositionEncodingRegistry.Add("none_at_all", (_, _) => new PositionPlan(new SeparatorSegmenter([]), [], null));
        using LanguageModel model = TinyModels.Create(backend, config with { PositionEncoding = "none_at_all" });
        Assert.That(Losses(model), Has.All.GreaterThanOrEqualTo(0));
        Assert.That(() => PositionEncodingRegistry.Add("rope", (_, _) => throw new InvalidOperationException()), Throws.ArgumentException);
    }

    private static double[] Losses(LanguageModel model)
    {
        using var tape = new Tape(model.Backend, isRecording: false);
        return model.Backend.ReadDoubles(model.Losses(tape, TinyModels.Batch()));
    }

    /// <summary>Attention of fixed queries, keys and values whose ids are all moved by an amount.</summary>
    private static double[] Attend(Tape tape, string encoding, PositionStreams positions, int moved)
    {
        ITensorBackend backend = tape.Backend;
        var shape = new AttentionShape(1, positions.Time, 2, 1, 4);
        int[] ids = [.. positions[encoding == "rope" ? PositionStream.Token : PositionStream.Segment].ToArray().Select(id => id + moved)];
        Tensor idTensor = tape.Scope.Allocate(new Shape(1, ids.Length), ElementType.Int32);
        backend.Upload<int>(idTensor, ids);
        Tensor packed = tape.Scope.Allocate(new Shape(ids.Length, 16));
        backend.WriteDoubles(packed, [.. Enumerable.Range(0, ids.Length * 16).Select(i => Math.Sin(i * 1.7))]);
        Variable variable = Tape.Constant(packed);
        AttentionBiasVariable? bias = null;
        if (encoding == "rope")
        {
            double[] angles = [.. Enumerable.Range(0, 64).Select(i => i / 2 * Math.Pow(10000, -(i % 2) / 2.0))];
            Tensor cosine = tape.Scope.Allocate(new Shape(32, 2));
            Tensor sine = tape.Scope.Allocate(new Shape(32, 2));
            backend.WriteDoubles(cosine, [.. angles.Select(Math.Cos)]);
            backend.WriteDoubles(sine, [.. angles.Select(Math.Sin)]);
            variable = tape.RotateInPlace(variable, new Shape(1, ids.Length, 4, 4), [new RotateArguments(0, 3, cosine, sine, idTensor)]);
        }
        else
        {
            Tensor slopes = tape.Scope.Allocate(new Shape(2));
            backend.WriteDoubles(slopes, [.. AlibiSlopes.Compute(2).Select(slope => slope * AlibiSlopes.BilevelFactor)]);
            bias = new AttentionBiasVariable(AttentionBiasKind.PerKey, Tape.Constant(slopes), idTensor);
        }

        return backend.ReadDoubles(tape.Attention(variable, shape, bias).Value);
    }
}
