using System.Text.Json;

namespace BiPE.Cli.Tests.Commands;

internal sealed class InfoCommandTests : CommandTests
{
    [Test]
    public void MachineAndBackendsAreDescribed()
    {
        JsonElement info = BipeProcess.Run("info", "--json").Json;
        BipeOutcome shown = BipeProcess.Run("info", "--json", PathOf("info.json")).RequireSuccess();
        Dictionary<string, JsonElement> backends = info.GetProperty("backends").EnumerateArray()
            .ToDictionary(backend => backend.GetProperty("name").GetString()!);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(backends.Keys, Is.EquivalentTo(["cpu", "cuda"]));
            Assert.That(backends["cpu"].GetProperty("isAvailable").GetBoolean(), Is.True);
            Assert.That(backends["cuda"].GetProperty("description").GetString(), Is.Not.Empty);
            Assert.That(info.GetProperty("processors").GetInt32(), Is.EqualTo(Environment.ProcessorCount));
            Assert.That(info.GetProperty("vectorBits").GetInt32(), Is.AnyOf(0, 128, 256, 512));
            Assert.That(info.GetProperty("packages").GetProperty("System.CommandLine").GetString(), Does.StartWith("3."));
            Assert.That(shown.Output, Does.Contain("backend cpu: works").And.Contain("backend cuda: ").And.Contain("processors"));
            Assert.That(Entries, Is.EquivalentTo(["info.json"]));
        }
    }
}
