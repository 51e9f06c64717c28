using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// Cross entropy of a linear layer's logits, in chunks of rows, so that <c>[N, V]</c> never stands whole. When recording,
    /// a chunk's logits become their gradient at once: the head's weight gradient is added to here, the hidden states' waits
    /// for <see cref="Backward()"/>.
    /// </summary>
    /// <param name="hidden"><c>[N, C]</c>.</param>
    /// <param name="head"><c>[V, C]</c>.</param>
    /// <param name="labels">Int32, N labels in <c>0 .. V - 1</c> or the ignored one.</param>
    /// <param name="ignoredLabel">Rows with this label have loss 0 and no gradient.</param>
    /// <param name="gradientScale">Factor of the gradients, 1 / number of counted labels for a mean.</param>
    /// <param name="chunkBytes">Most memory that a chunk's logits take; at least one row is computed at a time.</param>
    /// <returns>Losses <c>[N]</c> of the statistics type, in nats; they live as long as the tape.</returns>
    public Tensor LinearCrossEntropy(
        Variable hidden, Parameter head, Tensor labels, int ignoredLabel, double gradientScale, long chunkBytes = DefaultChunkBytes)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunkBytes);
        Use(hidden);
        Use(head);
        int rows = hidden.Shape[0];
        int vocabulary = head.Shape[0];
        bool differentiates = IsRecording && (hidden.RequiresGradient || head.RequiresGradient);
        long rowBytes = (long)vocabulary * Backend.Info.ActivationType.ByteSize();
        int chunk = (int)Math.Clamp(chunkBytes / rowBytes, 1, Math.Max(rows, 1));

        Tensor losses = Scope.Allocate(new Shape(rows), Backend.Info.StatisticsType);
        Tensor? hiddenGradient = differentiates && hidden.RequiresGradient ? Scope.Allocate(hidden.Shape) : null;
        Tensor logits = Scope.Allocate(new Shape(chunk, vocabulary));
        Tensor flatLabels = labels.Reshape(rows);
        for (int start = 0; start < rows; start += chunk)
        {
            int count = Math.Min(chunk, rows - start);
            Tensor x = hidden.Value.Slice(start, count);
            Tensor part = logits.Slice(0, count);
            Backend.MatMul(part, x, head.Value, new MatMulOptions { TransposeB = true });
            Backend.CrossEntropy(
                losses.Slice(start, count), part, flatLabels.Slice(start, count),
                new CrossEntropyOptions(ignoredLabel, differentiates, gradientScale));
            if (differentiates && head.RequiresGradient)
            {
                Tensor destination = head.OpenGradient(out WriteMode mode);
                Backend.MatMul(destination, part, x, new MatMulOptions { TransposeA = true, Mode = mode });
            }

            if (hiddenGradient is not null)
            {
                Backend.MatMul(hiddenGradient.Slice(start, count), part, head.Value);
            }
        }

        Scope.Release(logits);
        if (hiddenGradient is not null)
        {
            _nodes.Add(new LinearCrossEntropyNode(new Variable(losses, requiresGradient: false), hidden, hiddenGradient));
        }

        return losses;
    }

    private sealed class LinearCrossEntropyNode(Variable output, Variable hidden, Tensor hiddenGradient) : TapeNode(output)
    {
        public override bool IsLoss => true;

        public override void Backward(ITensorBackend backend, Gradients gradients) => gradients.Give(hidden, hiddenGradient);
    }
}
