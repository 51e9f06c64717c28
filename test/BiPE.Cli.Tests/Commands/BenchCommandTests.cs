using System.Text.Json;
using BiPE.Testing;

namespace BiPE.Cli.Tests.Commands;

internal sealed class BenchCommandTests
{
    private const string Config = """
        {
          "architectures": ["MyLlamaForCausalLM"], "hidden_act": "silu", "hidden_size": 16, "intermediate_size": 24,
          "initializer_range": 0.02, "max_position_embeddings": 16, "model_type": "llama", "num_attention_heads": 2,
          "num_hidden_layers": 1, "num_key_value_heads": 2, "pad_token_id": -1, "rms_norm_eps": 1e-5, "tie_word_embeddings": false,
          "vocab_size": 40, "rpe_type": "bipe_alibi", "train_scale": 16
        }
        """;

    [Test]
    public void EveryPartIsMeasuredOnTheKernelsOfCuda()
    {
        using var folder = new TemporaryFolder();
        string config = folder.Write("config.json", Config);
        string json = folder.At("bench.json");
        Bipe.Run(
            "bench", "--backend", "cuda-simulated", "--config", config, "--batch-size", "1", "--steps", "1", "--block-size", "16,32",
            "--json", json).RequireSuccess();
        JsonElement report = JsonDocument.Parse(File.ReadAllText(json)).RootElement;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.GetProperty("device").GetString(), Does.StartWith("simulated").And.EndsWith("bfloat16"));
            Assert.That(report.GetProperty("rates").GetProperty("productFlops").GetDouble(), Is.Positive);
            Assert.That(report.GetProperty("training").GetProperty("tokensPerSecond").GetDouble(), Is.Positive);
            Assert.That(report.GetProperty("training").GetProperty("growthBytes").GetInt64(), Is.Zero);
            Assert.That(report.GetProperty("training").GetProperty("peakBytes").GetInt64(), Is.Positive.And.LessThan(4 << 20), "the model's, not the copies'");
            Assert.That(report.GetProperty("evaluation").EnumerateArray().Select(item => item.GetProperty("blockSize").GetInt32()), Is.EqualTo([16, 32]));
            Assert.That(report.GetProperty("operations").EnumerateArray().Count(), Is.GreaterThan(15));
        }
    }
}
