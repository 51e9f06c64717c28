using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace BiPE.Core.Evaluation.Results;

/// <summary>Tells evaluations apart: equal keys have equal numbers, but for rounding.</summary>
public static class EvaluationKey
{
    /// <summary>Hash of model, text and settings (XXH3, 128 bits, hexadecimal); names of files and sets do not matter.</summary>
    /// <param name="modelHash"><see cref="EvaluatedModel.Hash"/>.</param>
    /// <param name="dataHash"><see cref="EvaluatedData.Hash"/>.</param>
    /// <param name="settings">The settings.</param>
    public static string Of(string modelHash, string dataHash, EvaluationSettings settings)
    {
        string text = $"{modelHash}\n{dataHash}\n{JsonSerializer.Serialize(settings, ResultsFile.JsonOptions)}";
        return Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(text)));
    }
}
