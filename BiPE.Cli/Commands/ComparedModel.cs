using BiPE.Core;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Commands;

/// <summary>The finished evaluations of one model with one rotary scaling and the same segmenters.</summary>
/// <param name="Name">The model's name in the results.</param>
/// <param name="Source">The results file.</param>
/// <param name="Records">Its evaluations, the latest of each key.</param>
internal sealed record ComparedModel(string Name, string Source, IReadOnlyList<EvaluationRecord> Records)
{
    /// <summary>The models of a results file, in the order they were evaluated.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BipeException">It cannot be read or holds no finished evaluation.</exception>
    public static IReadOnlyList<ComparedModel> Read(string path)
    {
        StoredResults stored = ResultsFile.Read(path);
        if (stored.Records.Count == 0)
        {
            throw new BipeException($"'{path}' holds no finished evaluation; run 'bipe eval --results {path}' to its end.");
        }

        return
        [
            .. stored.Records.GroupBy(record => (record.Model.Hash, record.Settings.RopeScaling, record.Model.Segmenters)).Select(group => new ComparedModel(
                group.Last().Model.Name, path, [.. group.GroupBy(record => record.Key).Select(same => same.Last())])),
        ];
    }

    /// <summary>Finds a model by its name in the results, or by the end of it.</summary>
    /// <param name="models">Models to choose from.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="BipeException">No model, or more than one, is called so.</exception>
    public static ComparedModel Find(IReadOnlyList<ComparedModel> models, string name)
    {
        ComparedModel[] found = [.. models.Where(model => model.Name == name)];
        if (found.Length == 0)
        {
            found = [.. models.Where(model => ModelNames.OwnName(model.Name) == name)];
        }

        return found.Length == 1
            ? found[0]
            : throw new BipeException(
                $"{(found.Length == 0 ? "No model" : "More than one model")} in the results is called '{name}'; they hold {Listed(models)}.");
    }

    /// <summary>Names of models for a sentence.</summary>
    /// <param name="models">The models.</param>
    public static string Listed(IReadOnlyList<ComparedModel> models) => string.Join(", ", models.Select(model => $"'{model.Name}'"));
}
