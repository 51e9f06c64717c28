using System.Text.Json;
using BiPE.Core;
using BiPE.Core.Checkpoints;

namespace BiPE.Cli.Commands;

/// <summary>
/// What a run writes and evaluates, and how often; none of it changes a bit of the model. It stands in run.json of the run's
/// folder, so that a run that goes on does what it did before.
/// </summary>
internal sealed record TrainingRunSettings
{
    private const string FileName = "run.json";
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Steps between checkpoints; 0 for the end only.</summary>
    public long SaveEvery { get; init; } = 10_000;

    /// <summary>Steps between evaluations.</summary>
    public long EvaluateEvery { get; init; } = 10_000;

    /// <summary>Steps between log entries.</summary>
    public long LogEvery { get; init; } = 50;

    /// <summary>How many checkpoints stay on the disk.</summary>
    public int KeptCheckpoints { get; init; } = 2;

    /// <summary>Text or token shard to evaluate on, or null.</summary>
    public string? EvaluationData { get; init; }

    /// <summary>Evaluations leave out blocks that start beyond so many tokens.</summary>
    public long EvaluationTokens { get; init; } = 100_000;

    /// <summary>The settings of the run in a folder; the defaults if it has none.</summary>
    /// <param name="output">The run's folder.</param>
    /// <exception cref="BipeException">They cannot be read.</exception>
    public static TrainingRunSettings Load(string output)
    {
        string path = Path.Combine(output, FileName);
        if (!File.Exists(path))
        {
            return new TrainingRunSettings();
        }

        try
        {
            return JsonSerializer.Deserialize<TrainingRunSettings>(File.ReadAllBytes(path), Json)
                is { SaveEvery: >= 0, EvaluateEvery: > 0, LogEvery: > 0, KeptCheckpoints: > 0, EvaluationTokens: > 1 } settings
                ? settings
                : throw new BipeException($"'{path}' has numbers that make no sense; remove the file to go on with the defaults.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{path}': {e.Message} Remove the file to go on with the defaults.", e);
        }
    }

    /// <summary>Keeps the settings for a run that goes on.</summary>
    /// <param name="output">The run's folder.</param>
    public void Save(string output) => AtomicFile.WriteText(Path.Combine(output, FileName), JsonSerializer.Serialize(this, Json));
}
