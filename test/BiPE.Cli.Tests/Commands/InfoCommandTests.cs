using System.Text.Json;

namespace BiPE.Cli.Tests.Commands;

internal sealed class InfoCommandTests : CommandTests
{
    [Test]
    public void MachineAndBackendsAreDescribed()
    {
        JsonElement info = Bipe.Run("info", "--json").Json;
        BipeOutcome shown = Bipe.Run("info", "--json", PathOf("info.json")).RequireSuccess();
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

    [Test]
    public void EncodingsAreListedWithPapersAndOptions()
    {
        JsonElement all = Bipe.Run("info", "--encodings", "--json").Json;
        BipeOutcome shown = Bipe.Run("info", "--encodings").RequireSuccess();
        Dictionary<string, JsonElement> attention = all.GetProperty("attention").EnumerateArray()
            .ToDictionary(encoding => encoding.GetProperty("name").GetString()!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(attention.Keys, Is.SupersetOf(["rope", "alibi", "t5", "kerple", "fire", "cope", "nope"]));
            Assert.That(attention["t5"].GetProperty("paper").GetString(), Does.Contain("Raffel"));
            Assert.That(
                attention["t5"].GetProperty("options").EnumerateArray().Select(option => option.GetProperty("name").GetString()),
                Is.EqualTo(["buckets", "max_distance"]));
            Assert.That(attention["xpos"].GetProperty("modelKeys").EnumerateArray().Select(key => key.GetString()), Does.Contain("rope_theta"));
            Assert.That(
                all.GetProperty("embedding").EnumerateArray().Select(encoding => encoding.GetProperty("name").GetString()),
                Is.EqualTo(["learned", "sinusoidal", "rotary", "none"]));
            Assert.That(shown.Output, Does.Contain("position.attention.buckets: buckets of distances; an integer from 2 to 4096 [default: 32]"));
        }
    }
}
