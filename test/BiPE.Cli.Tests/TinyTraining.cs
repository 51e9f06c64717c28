using System.Diagnostics;
using System.Text.Json;

namespace BiPE.Cli.Tests;

/// <summary>Trainings of models of bytes that take milliseconds a step.</summary>
internal static class TinyTraining
{
    /// <summary>Lines that a small model learns, about 27 kB of them.</summary>
    public static readonly string Text = string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i % 10} says that {i * 7 % 10}.\n"));

    /// <summary>A configuration with ids of another tokenizer than that of bytes, as those in config/ have.</summary>
    /// <param name="changes">Fields to set; null removes one.</param>
    public static string Config(params (string Field, object? Value)[] changes)
    {
        var fields = new Dictionary<string, object?>
        {
            ["model_type"] = "llama",
            ["bos_token_id"] = 1,
            ["eos_token_id"] = 2,
            ["pad_token_id"] = -1,
            ["hidden_size"] = 32,
            ["intermediate_size"] = 48,
            ["num_attention_heads"] = 4,
            ["num_key_value_heads"] = 4,
            ["num_hidden_layers"] = 1,
            ["vocab_size"] = 264,
            ["max_position_embeddings"] = 32,
            ["train_scale"] = 32,
            ["rpe_type"] = "bipe_rope",
        };
        foreach ((string field, object? value) in changes)
        {
            fields[field] = value;
        }

        return JsonSerializer.Serialize(fields.Where(field => field.Value is not null).ToDictionary());
    }

    /// <summary>The flags of a quick training.</summary>
    /// <param name="steps">Its steps.</param>
    /// <param name="more">Other flags, each with a value; they win.</param>
    public static IEnumerable<string> Flags(int steps, params IEnumerable<string> more)
    {
        string[] usual = ["--max-steps", $"{steps}", "--warmup-steps", "5", "--batch-size", "2", "--learning-rate", "3e-3", "--backend", "cpu", "--threads", "1"];
        return usual.Chunk(2).Concat(more.Chunk(2)).GroupBy(flag => flag[0]).SelectMany(flag => flag.Last());
    }

    /// <summary>Waits until a started command has written a file or folder, and fails if it ends before.</summary>
    /// <param name="process">The command.</param>
    /// <param name="exists">Whether it is there.</param>
    public static void WaitUntil(Process process, Func<bool> exists)
    {
        var watch = Stopwatch.StartNew();
        while (!exists())
        {
            Assert.That(process.HasExited, Is.False, "it ended before it was stopped");
            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)));
            Thread.Sleep(5);
        }
    }
}
