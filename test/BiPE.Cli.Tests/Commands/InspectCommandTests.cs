using System.Text.Json;
using System.Text.Json.Nodes;

namespace BiPE.Cli.Tests.Commands;

internal sealed class InspectCommandTests : CommandTests
{
    [Test]
    public void AModelIsDescribed()
    {
        string model = TinyModel.Save(PathOf("model"));
        BipeOutcome shown = Bipe.Run("inspect", "--model", model, "--tensors", "--json", PathOf("report.json")).RequireSuccess();
        JsonElement report = JsonElement.Parse(File.ReadAllText(PathOf("report.json")));
        JsonElement groups = report.GetProperty("parameters").GetProperty("groups");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(shown.Output, Does.Contain("2 layers, hidden size 16, intermediate size 24, 4 heads of 4 with 2 key/value heads"));
            Assert.That(shown.Output, Does.Contain("Encoding: bipe_rope, rope_theta 10000, no rope_scaling, train_scale 32, no log_scale, segments end at 10, 46"));
            Assert.That(shown.Output, Does.Contain("| intra-segment embedding").And.Contain("; in units of 2^30: 0.0000").And.Contain("Weights: safetensors"));
            Assert.That(shown.Output, Does.Contain("| model.layers.1.self_attn.k_proj.weight").And.Contain("[8, 16]").And.Contain("Would load: yes"));
            Assert.That(groups.GetProperty("intraSegmentEmbedding").GetInt64(), Is.EqualTo(32 * 16));
            Assert.That(groups.EnumerateObject().Sum(group => group.Value.GetInt64()), Is.EqualTo(report.GetProperty("parameters").GetProperty("total").GetInt64()));
            Assert.That(report.GetProperty("elementTypes").GetProperty("F32").GetInt64(), Is.EqualTo(report.GetProperty("parameters").GetProperty("total").GetInt64()));
            Assert.That(
                report.GetProperty("files").GetProperty("model.safetensors").GetInt64(), Is.EqualTo(new FileInfo(PathOf("model/model.safetensors")).Length));
            Assert.That(report.GetProperty("loads").GetBoolean(), Is.True);
            Assert.That(report.GetProperty("config").GetProperty("positionEncoding").GetString(), Is.EqualTo("bipe_rope"));
        }
    }

    [Test]
    public void WhatWouldNotLoadIsToldWithEveryReason()
    {
        string model = TinyModel.Save(PathOf("model"), "rope");
        string config = PathOf("model/config.json");
        JsonObject changed = JsonNode.Parse(File.ReadAllText(config))!.AsObject();
        changed["num_hidden_layers"] = 3;
        changed["attention_bias"] = true;
        changed["rope_scaling"] = JsonNode.Parse("""{"rope_type": "yarn", "factor": 4.0}""");
        File.WriteAllText(config, changed.ToJsonString());

        BipeOutcome shown = Bipe.Run("inspect", "--model", model);
        RequireReasons(shown, "'model.layers.2.mlp.down_proj.weight'", "'model.layers.{0-2}.self_attn.o_proj.bias' (3 tensors)");
        Assert.That(shown.Output, Does.Contain("Would load: no").And.Contain("rope_scaling yarn by 4").And.Contain("biases in attention"));
        JsonElement report = JsonElement.Parse(Bipe.Run("inspect", "--model", model, "--json").Output);
        Assert.That(report.GetProperty("loads").GetBoolean(), Is.False);
        Assert.That(report.GetProperty("problems")[0].GetString(), Does.Contain("model.layers.2"));

        File.WriteAllText(config, "{}");
        File.Delete(PathOf("model/model.safetensors"));
        File.WriteAllText(PathOf("model/pytorch_model.bin"), "<html>");
        RequireReasons(Bipe.Run("inspect", "--model", model), "'num_attention_heads' is missing", "pytorch_model.bin");
        Bipe.Run("inspect", "--model", PathOf("nowhere")).RequireError(1, "no folder", "nowhere");
    }

    /// <summary>The report is shown, and the reasons stand beside it as the error.</summary>
    private static void RequireReasons(BipeOutcome outcome, params string[] reasons)
    {
        Assert.That(outcome.ExitCode, Is.EqualTo(1));
        Assert.That(outcome.Error, Does.StartWith("error: The model would not load: "));
        foreach (string reason in reasons)
        {
            Assert.That(outcome.Error, Does.Contain(reason));
        }
    }
}
