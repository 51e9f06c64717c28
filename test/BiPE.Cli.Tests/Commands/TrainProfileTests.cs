using System.Text.Json;
using BiPE.Testing;

namespace BiPE.Cli.Tests.Commands;

internal sealed class TrainProfileTests
{
    [Test]
    public void OperationsAndHostWorkAddUpToTheSteps()
    {
        using var folder = new TemporaryFolder();
        BipeOutcome outcome = Train(folder, "profiled", steps: 6, "--profile", folder.At("profile.json")).RequireSuccess();

        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(folder.At("profile.json")));
        JsonElement report = json.RootElement;
        double step = report.GetProperty("secondsPerStep").GetDouble();
        JsonElement[] operations = [.. report.GetProperty("operations").EnumerateArray()];
        double sum = operations.Sum(operation => operation.GetProperty("seconds").GetDouble());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.GetProperty("steps").GetInt64(), Is.EqualTo(4), "the first two steps do not count");
            Assert.That(report.GetProperty("hostSeconds").GetDouble(), Is.Positive.And.EqualTo(step - sum).Within(1e-9));
            Assert.That(operations.Select(operation => operation.GetProperty("operation").GetString()), Does.Contain("AdamWStep").And.Contain("MatMul, forward"));
            Assert.That(operations.Single(operation => operation.GetProperty("operation").GetString() == "SumOfSquares").GetProperty("calls").GetDouble(), Is.EqualTo(1));
            Assert.That(outcome.Lines, Has.Some.StartsWith("Profile of 4 steps").And.Some.StartsWith("| operation ").And.Some.StartsWith("| host work "));
        }
    }

    [Test]
    public void AProfiledTrainingEndsWithTheSameModel()
    {
        using var folder = new TemporaryFolder();
        Train(folder, "plain", steps: 2).RequireSuccess();
        BipeOutcome outcome = Train(folder, "profiled", steps: 2, "--profile").RequireSuccess();

        Assert.That(outcome.Lines, Has.Some.StartsWith("Profile of 2 steps"), "a short run counts from its first step");
        Assert.That(
            File.ReadAllBytes(Path.Combine(folder.At("profiled"), "model.safetensors")),
            Is.EqualTo(File.ReadAllBytes(Path.Combine(folder.At("plain"), "model.safetensors"))));
    }

    [Test]
    public void WithADashNothingButJsonIsOnStandardOutput()
    {
        using var folder = new TemporaryFolder();
        BipeOutcome outcome = Train(folder, "profiled", steps: 3, "--profile", "-");

        Assert.That(outcome.Json.GetProperty("steps").GetInt64(), Is.EqualTo(1));
        Assert.That(outcome.Error, Does.Contain("The model after 3 steps is in"));
    }

    private static BipeOutcome Train(TemporaryFolder folder, string output, int steps, params string[] more)
    {
        string config = folder.Write("config.json", TinyTraining.Config());
        string text = folder.Write("text.txt", TinyTraining.Text);
        return Bipe.Run(
            ["train", "--config", config, "--tokenizer", "bytes", "--data", text, "--output", folder.At(output), .. TinyTraining.Flags(steps), .. more]);
    }
}
