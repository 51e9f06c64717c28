using System.Runtime.InteropServices;
using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Cli.SelfTest;

/// <summary>A training twice: whether it ends with the same bits, and whether it leaves memory behind.</summary>
/// <param name="golden">Recorded numbers.</param>
/// <param name="encoding">Encoding.</param>
internal sealed class RepetitionCheck(GoldenFiles golden, string encoding) : ISelfTestCheck
{
    private const int Steps = 3;

    public string Name => $"repetition {encoding}";

    public (bool Passed, string Detail) Run(ITensorBackend backend)
    {
        var training = new GoldenTraining(golden, encoding);
        int live = backend.Memory.LiveBuffers;
        byte[] first = Train(training, backend);
        long reserved = backend.Memory.Reserved;
        byte[] second = Train(training, backend);
        long growth = backend.Memory.Reserved - reserved;
        int left = backend.Memory.LiveBuffers - live;
        bool same = first.AsSpan().SequenceEqual(second);
        return (same && growth == 0 && left == 0, FormattableString.Invariant(
            $"{Steps} steps twice, {(same ? "the same" : "other")} bits; {left} buffers left, the second time took {growth} bytes from the device"));
    }

    /// <summary>The bits of all losses and of the trained weights.</summary>
    private static byte[] Train(GoldenTraining training, ITensorBackend backend)
    {
        var bits = new List<byte>();
        double[] losses = training.Run(backend, Steps, (step, model) =>
        {
            if (step == Steps)
            {
                foreach (Parameter parameter in model.Parameters)
                {
                    bits.AddRange(MemoryMarshal.AsBytes<double>(backend.ReadDoubles(parameter.Master)));
                }
            }
        });
        bits.AddRange(MemoryMarshal.AsBytes<double>(losses));
        return [.. bits];
    }
}
