using BiPE.Core.Checkpoints;
using BiPE.Core.Data;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;

namespace BiPE.Core.Tests.Training;

/// <summary>A byte-level training that takes milliseconds a step.</summary>
internal static class SmallRun
{
    public const int TrainLength = 32;

    public static ModelConfig Config(string encoding) => new()
    {
        VocabularySize = 264,
        HiddenSize = 32,
        IntermediateSize = 48,
        LayerCount = 2,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        MaximumPositions = TrainLength,
        TrainScale = TrainLength,
        PadTokenId = -1,
        PositionEncoding = encoding,
        Segmenter = new SegmenterConfig { Tokens = ['\n'] },
    };

    /// <summary>Lines that repeat with a pattern, which a small model learns.</summary>
    public static TrainingData Data()
    {
        var tokens = new List<int>();
        new ByteTokenizer().Encode(string.Concat(Enumerable.Range(0, 400).Select(i => $"line {i % 10} says {(i * 7) % 10}\n")), tokens);
        return new TrainingData(new TokenArray([.. tokens]), "in memory", "a hash");
    }

    public static TrainingOptions Options(long steps) => new()
    {
        MaxSteps = steps,
        BatchSize = 2,
        LearningRate = 3e-3,
        WarmupSteps = 2,
        Schedule = "cosine",
    };

    /// <summary>A run from the start, or on from the newest checkpoint, that stops after some steps.</summary>
    /// <returns>Whether the last step was reached.</returns>
    public static bool Go(
        ITensorBackend backend, string output, string encoding, TrainingOptions options, long stopAfter = long.MaxValue, long saveEvery = 0,
        Func<TrainingData>? openData = null) =>
        Go(backend, output, Config(encoding), options, stopAfter, saveEvery, openData);

    /// <summary>As <see cref="Go(ITensorBackend, string, string, TrainingOptions, long, long, Func{TrainingData}?)"/>, of any new model.</summary>
    public static bool Go(
        ITensorBackend backend, string output, ModelConfig config, TrainingOptions options, long stopAfter = long.MaxValue, long saveEvery = 0,
        Func<TrainingData>? openData = null)
    {
        string? checkpoint = TrainingCheckpoint.Latest(output);
        using TrainingData data = (openData ?? Data)();
        using LanguageModel model = checkpoint is null ? new LanguageModel(backend, config) : HuggingFaceFolder.Load(backend, checkpoint);
        using var trainer = new Trainer(model, data, options);
        if (checkpoint is null)
        {
            Initialiser.Initialise(model, options.Seed);
        }
        else
        {
            TrainingState state = TrainingCheckpoint.ReadState(checkpoint);
            state.RequireSameData(checkpoint, options, data);
            TrainingCheckpoint.RestoreOptimizer(checkpoint, trainer, state);
        }

        using var stop = new CancellationTokenSource();
        var run = new TrainingRun(
            trainer, new ByteTokenizer(), data, [], new TrainingRunOptions { Output = output, SaveEvery = saveEvery, LogEvery = 1000 })
        {
            Progress = new Stopper(stop, stopAfter),
        };
        return run.Run(stop.Token);
    }

    public static byte[] FinalModel(string output) => File.ReadAllBytes(Path.Combine(output, "model.safetensors"));

    public static byte[] FinalMoments(string output) => File.ReadAllBytes(Path.Combine(TrainingCheckpoint.Latest(output)!, "optimizer.safetensors"));

    private sealed class Stopper(CancellationTokenSource stop, long stopAfter) : IProgress<StepReport>
    {
        public void Report(StepReport value)
        {
            if (value.Step == stopAfter)
            {
                stop.Cancel();
            }
        }
    }
}
