using System.Text.Json;
using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Model;
using BiPE.Core.Optimization;
using BiPE.Core.Optimization.Schedules;
using BiPE.Core.Tensors;

namespace BiPE.Cli.SelfTest;

/// <summary>The recorded training of an encoding's model: its batches, optimizer and schedule, on any backend.</summary>
internal sealed class GoldenTraining
{
    private readonly string _model;
    private readonly AdamWSettings _settings;
    private readonly ILearningRateSchedule _schedule;
    private readonly int[] _tokens;
    private readonly int _rows;
    private readonly int _time;

    /// <summary>Reads what was recorded.</summary>
    /// <param name="golden">Recorded numbers.</param>
    /// <param name="encoding">Encoding.</param>
    public GoldenTraining(GoldenFiles golden, string encoding)
    {
        JsonElement description = golden.Json("training", encoding);
        JsonElement settings = description.GetProperty("optimizer");
        JsonElement rates = description.GetProperty("schedule");
        _model = golden.Model(encoding);
        _settings = new AdamWSettings
        {
            Beta1 = settings.GetProperty("betas")[0].GetDouble(),
            Beta2 = settings.GetProperty("betas")[1].GetDouble(),
            Epsilon = settings.GetProperty("eps").GetDouble(),
            WeightDecay = settings.GetProperty("weight_decay").GetDouble(),
            MaximumGradientNorm = settings.GetProperty("max_gradient_norm").GetDouble(),
        };
        _schedule = LearningRateSchedules.Create(
            "polynomial", rates.GetProperty("learning_rate").GetDouble(),
            rates.GetProperty("warmup_steps").GetInt64(), rates.GetProperty("training_steps").GetInt64());
        using SafetensorsFile arrays = golden.Arrays("training", encoding);
        _tokens = arrays.Integers("batches");
        long[] shape = [.. arrays.Entries["batches"].Shape];
        _rows = (int)shape[1];
        _time = (int)shape[2];
        Losses = arrays.Doubles("losses");
    }

    /// <summary>Recorded mean loss of each step.</summary>
    public double[] Losses { get; }

    /// <summary>Trains on a backend.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="steps">Steps, at most as many as were recorded.</param>
    /// <param name="afterStep">Called with the number of steps taken and the model.</param>
    /// <returns>Mean loss of each step.</returns>
    public double[] Run(ITensorBackend backend, int steps, Action<int, LanguageModel> afterStep)
    {
        using LanguageModel model = HuggingFaceFolder.Load(backend, _model);
        using var optimizer = new AdamW(backend, model.Parameters, _settings);
        var losses = new double[steps];
        int size = _rows * _time;
        for (int step = 0; step < steps; step++)
        {
            var batch = new TokenBatch(_tokens.AsSpan(step * size, size).ToArray(), _rows);
            using (var tape = new Tape(backend, isRecording: true))
            {
                Tensor ofTokens = model.Losses(tape, batch, 1.0 / batch.LabelCount);
                tape.Backward();
                losses[step] = backend.ReadDoubles(ofTokens).Sum() / batch.LabelCount;
            }

            optimizer.GradientNorm();
            optimizer.Step(_schedule.RateAt(step));
            afterStep(step + 1, model);
        }

        return losses;
    }
}
