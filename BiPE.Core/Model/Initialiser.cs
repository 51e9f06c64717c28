using BiPE.Core.Autograd;
using BiPE.Core.Randomness;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>Initial parameters: normal(0, initializer_range) for products and embeddings, ones for norms, zero for biases and padding rows.</summary>
public static class Initialiser
{
    /// <summary>Sets every parameter. A checkpoint's name decides its numbers, so neither order nor packing matters.</summary>
    /// <param name="model">The model.</param>
    /// <param name="seed">Seed.</param>
    public static void Initialise(LanguageModel model, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach (Parameter parameter in model.Parameters)
        {
            int row = checked((int)(parameter.Value.Count / parameter.Shape[0]));
            foreach (ParameterPart part in parameter.Parts)
            {
                var values = new float[part.RowCount * row];
                if (parameter.Role == ParameterRole.Norm)
                {
                    values.AsSpan().Fill(1);
                }
                else if (parameter.Role != ParameterRole.Bias)
                {
                    NormalSampler.Fill(values, model.Config.InitializerRange, seed, part.Name);
                }

                if (parameter.PaddingRow >= part.FirstRow && parameter.PaddingRow < part.FirstRow + part.RowCount)
                {
                    values.AsSpan((parameter.PaddingRow - part.FirstRow) * row, row).Clear();
                }

                model.Backend.WriteFloats(parameter.Master.Slice(part.FirstRow, part.RowCount), values);
            }

            parameter.CopyFromMaster();
        }
    }
}
