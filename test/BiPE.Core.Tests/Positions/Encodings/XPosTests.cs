using BiPE.Core.Autograd;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Core.Tests.Positions.Encodings;

public sealed class XPosTests
{
    [Test]
    public void TablesDoNotDependOnWhatCameBefore()
    {
        using var backend = new ReferenceBackend();
        using IAttentionEncoding fresh = Create(backend);
        using IAttentionEncoding used = Create(backend);
        double[] expected = Cosines(backend, fresh, 20);
        Cosines(backend, used, 300);
        Assert.That(Cosines(backend, used, 20), Is.EqualTo(expected));
        Assert.That(Cosines(backend, fresh, 300), Is.EqualTo(Cosines(backend, used, 300)));
    }

    private static IAttentionEncoding Create(ReferenceBackend backend)
    {
        AttentionEncodingKind kind = PositionEncodingRegistry.Attention.Single(known => known.Name == "xpos");
        return kind.Create(new EncodingContext(backend, EncodingCases.Config("xpos"), PositionStream.Token, kind, EncodingCases.OptionsOf("xpos") ?? []))!;
    }

    private static double[] Cosines(ReferenceBackend backend, IAttentionEncoding encoding, int time)
    {
        using var tape = new Tape(backend, isRecording: false);
        var positions = new PositionStreams(new int[time], 1, time, new SeparatorSegmenter([1]));
        RotaryTables tables = encoding.Build(tape, positions, new AttentionShape(1, time, 1, 1, 8)).Rotary!;
        return backend.ReadDoubles(tables.QueryCosine);
    }
}
