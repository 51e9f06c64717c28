using System.Text.Json;
using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Model;
using BiPE.Core.Optimization;
using BiPE.Core.Optimization.Schedules;
using BiPE.Core.Tensors;
using BiPE.Cpu;

namespace BiPE.Cli.SelfTest;

/// <summary>Twenty training steps beside the CPU backend and the reference implementation; and what they leave in memory.</summary>
/// <param name="golden">Recorded numbers.</param>
/// <param name="encoding">Encoding.</param>
internal sealed class TrainingCheck(GoldenFiles golden, string encoding) : ISelfTestCheck
{
    public string Name => $"training {encoding}";

    public (bool Passed, string Detail) Run(ITensorBackend backend)
    {
        using SafetensorsFile arrays = golden.Arrays("training", encoding);
        double[] recorded = arrays.Doubles("losses");
        double[] found = Train(backend, arrays, out long reservedEarly);
        MemoryUse after = backend.Memory;
        double[] beside;
        using (var cpu = new CpuBackend())
        {
            beside = Train(cpu, arrays, out _);
        }

        double bound = backend.Info.ActivationType == ElementType.BFloat16 ? 1e-2 : 1e-4;
        double fromRecorded = Error(found, recorded);
        double fromCpu = Error(found, beside);
        long growth = after.Reserved - reservedEarly;
        bool passed = fromRecorded <= bound && fromCpu <= bound && after.LiveBuffers == 0 && growth == 0;
        return (passed, FormattableString.Invariant(
            $"{found.Length} steps, loss {found[0]:F4} to {found[^1]:F4}, within {fromCpu:G2} of the CPU and {fromRecorded:G2} of the reference; ")
            + FormattableString.Invariant($"{after.LiveBuffers} buffers left, pool grew by {growth} bytes after the second step"));
    }

    private static double Error(double[] found, double[] expected) =>
        found.Zip(expected, (a, b) => Math.Abs(a - b) / b).Aggregate(0.0, (worst, error) => error <= worst ? worst : error);

    private double[] Train(ITensorBackend backend, SafetensorsFile arrays, out long reservedEarly)
    {
        JsonElement description = golden.Json("training", encoding);
        JsonElement settings = description.GetProperty("optimizer");
        JsonElement rates = description.GetProperty("schedule");
        using LanguageModel model = HuggingFaceFolder.Load(backend, golden.Model(encoding));
        using var optimizer = new AdamW(backend, model.Parameters, new AdamWSettings
        {
            Beta1 = settings.GetProperty("betas")[0].GetDouble(),
            Beta2 = settings.GetProperty("betas")[1].GetDouble(),
            Epsilon = settings.GetProperty("eps").GetDouble(),
            WeightDecay = settings.GetProperty("weight_decay").GetDouble(),
            MaximumGradientNorm = settings.GetProperty("max_gradient_norm").GetDouble(),
        });
        ILearningRateSchedule schedule = LearningRateSchedules.Create(
            "polynomial", rates.GetProperty("learning_rate").GetDouble(),
            rates.GetProperty("warmup_steps").GetInt64(), rates.GetProperty("training_steps").GetInt64());
        int[] tokens = arrays.Integers("batches");
        long[] shape = [.. arrays.Entries["batches"].Shape];
        int size = (int)(shape[1] * shape[2]);
        var losses = new double[shape[0]];
        reservedEarly = 0;
        for (int step = 0; step < losses.Length; step++)
        {
            var batch = new TokenBatch(tokens.AsSpan(step * size, size).ToArray(), (int)shape[1]);
            using (var tape = new Tape(backend, isRecording: true))
            {
                Tensor ofTokens = model.Losses(tape, batch, 1.0 / batch.LabelCount);
                tape.Backward();
                losses[step] = backend.ReadDoubles(ofTokens).Sum() / batch.LabelCount;
            }

            optimizer.GradientNorm();
            optimizer.Step(schedule.RateAt(step));
            reservedEarly = step == 1 ? backend.Memory.Reserved : reservedEarly;
        }

        return losses;
    }
}
