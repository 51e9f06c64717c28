using System.Text.Json;
using System.Text.Json.Serialization;
using BiPE.Core;
using BiPE.Core.Checkpoints;
using BiPE.Core.Model;
using BiPE.Core.Optimization;
using BiPE.Core.Training;

namespace BiPE.Cli.Study;

/// <summary>
/// What all trainings of a study have in common, kept beside its results, so that it can go on after a stop and encodings can be added
/// later.
/// </summary>
/// <param name="Text">Where the text is from.</param>
/// <param name="Tokenizer">Fingerprint of the tokenizer.</param>
/// <param name="Model">Architecture; its position encoding is replaced by each of the study's.</param>
/// <param name="Steps">Optimizer steps of each training.</param>
/// <param name="BatchSize">Blocks of a step.</param>
/// <param name="LearningRate">Largest learning rate.</param>
/// <param name="Seed">Seed of initialisation and of the order of blocks.</param>
/// <param name="Records">Which documents of the text are taken, and from which fields; null if it is not known.</param>
internal sealed record StudyPlan(
    string Text, string Tokenizer, ModelConfig Model, long Steps, int BatchSize, double LearningRate, long Seed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Records)
{
    private const string FileName = "study.json";
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Keeps the plan; refuses a folder whose study has another. One that made no tokens yet, perhaps of a mistyped command, is replaced.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <exception cref="BipeException">It has another, or the file cannot be written.</exception>
    public void Keep(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path) || !Directory.Exists(StudyData.TrainingFolder(folder)))
        {
            AtomicFile.WriteText(path, JsonSerializer.Serialize(this, Json));
            return;
        }

        // Studies begun by earlier versions do not say which documents they took.
        string[] kept = File.ReadAllLines(path);
        bool saysRecords = kept.Any(line => line.StartsWith($"  \"{nameof(Records)}\":", StringComparison.Ordinal));
        string[] wanted = JsonSerializer.Serialize(saysRecords ? this : this with { Records = null }, Json).ReplaceLineEndings("\n").Split('\n');
        if (kept.Zip(wanted).FirstOrDefault(pair => pair.First != pair.Second) is { First: { } before, Second: { } now })
        {
            throw new BipeException(
                $"The study in '{folder}' has {Plain(before)}, this command {Plain(now)}; only encodings, evaluation lengths and --max-tokens may change. Choose another --output.");
        }

        static string Plain(string line) => line.Trim().TrimEnd(',');
    }

    /// <summary>Architecture with an encoding.</summary>
    /// <param name="encoding">Its name.</param>
    public ModelConfig Config(string encoding) => Model with { PositionEncoding = encoding };

    /// <summary>Settings of every training.</summary>
    public TrainingOptions Training() => new()
    {
        MaxSteps = Steps,
        BatchSize = BatchSize,
        LearningRate = LearningRate,
        WarmupSteps = Math.Max(1, Steps / 20),
        Schedule = "cosine",
        Seed = (ulong)Seed,
        Optimizer = new AdamWSettings { Beta2 = 0.95 },
    };
}
