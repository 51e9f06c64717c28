using System.Text.Json;
using System.Text.Json.Serialization;
using BiPE.Core;
using BiPE.Core.Checkpoints;
using BiPE.Core.Model;
using BiPE.Core.Optimization;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;

namespace BiPE.Cli.Quickstart;

/// <summary>What a quickstart does: decided once, by the speed of the machine, and kept beside the results, so that it can go on after a stop.</summary>
internal sealed record QuickstartPlan
{
    /// <summary>The encodings that are compared.</summary>
    public static readonly string[] Encodings = ["rope", "bipe_rope"];

    /// <summary>Evaluation lengths, as multiples of the training length.</summary>
    public static readonly int[] Multiples = [1, 2, 4, 8];

    private const string FileName = "quickstart.json";
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Where the text is from.</summary>
    public required string Text { get; init; }

    /// <summary>Size of the models.</summary>
    public required ModelSize Size { get; init; }

    /// <summary>Optimizer steps of each model.</summary>
    public required long Steps { get; init; }

    /// <summary>Seed of initialisation and data order, the same for all models.</summary>
    public required long Seed { get; init; }

    /// <summary>Bytes of a training block.</summary>
    public int TrainLength { get; init; } = 256;

    /// <summary>Blocks a step.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Largest learning rate.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Bytes of held-out text that are scored at each length.</summary>
    public int EvaluationTokens { get; init; } = 1 << 18;

    /// <summary>Bytes that each model reads in its training.</summary>
    [JsonIgnore]
    public long TrainingBytes => Steps * BatchSize * TrainLength;

    /// <summary>Longest context that is evaluated, in bytes.</summary>
    [JsonIgnore]
    public int LongestContext => Multiples.Max() * TrainLength;

    /// <summary>The plan of an earlier start in a folder, or null.</summary>
    /// <param name="folder">The quickstart's folder.</param>
    /// <exception cref="BipeException">There is one that cannot be read.</exception>
    public static QuickstartPlan? Find(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<QuickstartPlan>(File.ReadAllBytes(path), Json) is { Steps: > 0, Size: { HiddenSize: > 0, LayerCount: > 0 } } plan
                ? plan
                : throw new BipeException($"'{path}' is no plan of a quickstart; remove the folder or choose another --output.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{path}': {e.Message} Remove the folder or choose another --output.", e);
        }
    }

    /// <summary>Keeps the plan.</summary>
    /// <param name="folder">The quickstart's folder.</param>
    public void Save(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json));

    /// <summary>Architecture of one of the models.</summary>
    /// <param name="encoding">Its position encoding.</param>
    /// <param name="tokenizer">The byte tokenizer.</param>
    public ModelConfig Config(string encoding, ByteTokenizer tokenizer) => new()
    {
        VocabularySize = tokenizer.VocabularySize,
        HiddenSize = Size.HiddenSize,
        IntermediateSize = 8 * Size.HiddenSize / 3 / 32 * 32,
        LayerCount = Size.LayerCount,
        HeadCount = Size.HiddenSize / 32,
        KeyValueHeadCount = Size.HiddenSize / 32,
        MaximumPositions = TrainLength,
        TrainScale = TrainLength,
        RmsNormEpsilon = 1e-5,
        PadTokenId = -1,
        BeginOfSentence = tokenizer.BeginOfSentence,
        EndOfSentence = tokenizer.EndOfSentence,
        PositionEncoding = encoding,
        Segmenter = new SegmenterConfig { Tokens = SeparatorSets.Resolve(SeparatorSets.Reference, tokenizer) },
    };

    /// <summary>Settings of each training.</summary>
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
