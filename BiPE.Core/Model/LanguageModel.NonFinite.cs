using System.Numerics.Tensors;
using BiPE.Core.Autograd;
using BiPE.Core.Tensors;
using Tensor = BiPE.Core.Tensors.Tensor;

namespace BiPE.Core.Model;

public sealed partial class LanguageModel
{
    /// <summary>Finds where a row's computation first leaves the finite numbers, layer by layer.</summary>
    /// <param name="tokens">One row.</param>
    /// <param name="chunkTokens">Tokens computed at once.</param>
    /// <returns>
    /// Words such as "layer 7 attention output, whose weights model.layers.7.self_attn.o_proj.weight are not finite"; null if all
    /// is finite.
    /// </returns>
    public string? FindNonFinite(TokenBatch tokens, int chunkTokens)
    {
        LayerOutput? found = null;
        using var tape = new Tape(Backend, isRecording: false);
        if (RunLayersInChunks(tape, tokens, chunkTokens, Inspect, progress: null, CancellationToken.None) is { } hidden)
        {
            found = FindInHead(tape, hidden, tokens, chunkTokens);
        }

        return found is null ? null : Describe(found);

        bool Inspect(LayerOutput output, Tensor values)
        {
            found = IsFinite(values) ? null : output;
            return found is null;
        }
    }

    private LayerOutput? FindInHead(Tape tape, Tensor hidden, TokenBatch tokens, int chunkTokens)
    {
        Tensor labels = tokens.UploadLabels(tape).Reshape(tokens.Time);
        foreach ((int first, int count) in Chunks(0, tokens.Time, chunkTokens))
        {
            using var inner = new Tape(Backend, isRecording: false);
            Variable normed = inner.RmsNorm(Tape.Constant(hidden.Slice(first, count)), _finalNorm, Config.RmsNormEpsilon);
            if (!IsFinite(normed.Value))
            {
                return LayerOutput.FinalNorm;
            }

            if (!IsFinite(inner.LinearCrossEntropy(normed, _head, labels.Slice(first, count), TokenBatch.IgnoredLabel, gradientScale: 1)))
            {
                return LayerOutput.Logits;
            }
        }

        return null;
    }

    private string Describe(LayerOutput output)
    {
        string[] broken =
        [
            .. Parameters
                .SelectMany(parameter => parameter.Parts.Select(part => (part.Name, Value: parameter.Value.Slice(part.FirstRow, part.RowCount))))
                .Where(part => output.ParameterPrefixes.Any(prefix => part.Name.StartsWith(prefix, StringComparison.Ordinal)) && !IsFinite(part.Value))
                .Select(part => part.Name),
        ];
        return broken.Length == 0
            ? $"{output.Name}, though its weights are finite"
            : $"{output.Name}, whose weights {string.Join(", ", broken)} are not finite";
    }

    /// <summary>The sum of magnitudes of finite float32 numbers is finite in float64.</summary>
    private bool IsFinite(Tensor values) => double.IsFinite(TensorPrimitives.SumOfMagnitudes<double>(Backend.ReadDoubles(values)));
}
