using BiPE.Core.Autograd;
using BiPE.Core.Randomness;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>Initial parameters: normal(0, initializer_range) for products and embeddings, ones for norms, zero for biases and padding rows, their own for numbers of position encodings.</summary>
public static class Initialiser
{
    private const int PieceLength = 1 << 18;

    /// <summary>Sets every parameter. A checkpoint's name decides its numbers, so neither order nor packing matters.</summary>
    /// <param name="model">The model.</param>
    /// <param name="seed">Seed.</param>
    public static void Initialise(LanguageModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        var values = new float[PieceLength];
        foreach (Parameter parameter in model.Parameters)
        {
            int row = checked((int)(parameter.Value.Count / parameter.Shape[0]));
            Tensor flat = parameter.Master.Reshape(checked((int)parameter.Master.Count));
            foreach (ParameterPart part in parameter.Parts)
            {
                double sigma = parameter.InitialDeviation
                    ?? (parameter.Role is ParameterRole.Norm or ParameterRole.Bias or ParameterRole.Position ? 0 : model.Config.InitializerRange);
                var sampler = new NormalSampler(sigma, seed, part.Name);
                int end = (part.FirstRow + part.RowCount) * row;
                for (int first = part.FirstRow * row; first < end; first += PieceLength)
                {
                    Span<float> piece = values.AsSpan(0, Math.Min(PieceLength, end - first));
                    if (parameter.Role == ParameterRole.Norm)
                    {
                        piece.Fill(1);
                    }
                    else
                    {
                        sampler.Next(piece);
                    }

                    model.Backend.WriteFloats(flat.Slice(first, piece.Length), piece);
                }
            }

            if (parameter.InitialValues is { } given)
            {
                model.Backend.WriteFloats(flat, [.. given]);
            }

            if (parameter.PaddingRow >= 0)
            {
                model.Backend.Fill(parameter.Master.Slice(parameter.PaddingRow, 1), 0);
            }

            parameter.CopyFromMaster();
        }
    }
}
