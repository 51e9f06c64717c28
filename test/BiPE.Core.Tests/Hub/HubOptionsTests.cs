using BiPE.Core.Hub;
using BiPE.Testing;

namespace BiPE.Core.Tests.Hub;

/// <summary>The environment belongs to the whole process, so these run alone.</summary>
[NonParallelizable]
public sealed class HubOptionsTests
{
    private static readonly string[] Names = ["HF_ENDPOINT", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HOME", "XDG_CACHE_HOME"];

    private readonly Dictionary<string, string?> _before = [];

    [SetUp]
    public void ClearEnvironment()
    {
        foreach (string name in Names)
        {
            _before[name] = Environment.GetEnvironmentVariable(name);
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    [TearDown]
    public void RestoreEnvironment()
    {
        foreach ((string name, string? value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    [Test]
    public void TheTokenComesFromTheVariableElseFromTheFiles()
    {
        using var folder = new TemporaryFolder();
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", folder.Path);
        Assert.That(HubOptions.FromEnvironment().Token, Is.Null);

        folder.Write("huggingface/token", "of-cache\n");
        Assert.That(HubOptions.FromEnvironment().Token, Is.EqualTo("of-cache"));

        folder.Write("home/token", "of-home");
        Environment.SetEnvironmentVariable("HF_HOME", folder.At("home"));
        Assert.That(HubOptions.FromEnvironment().Token, Is.EqualTo("of-home"));

        Environment.SetEnvironmentVariable("HF_TOKEN_PATH", folder.Write("mine", "of-path"));
        Assert.That(HubOptions.FromEnvironment().Token, Is.EqualTo("of-path"));

        Environment.SetEnvironmentVariable("HF_TOKEN", "of-variable");
        Assert.That(HubOptions.FromEnvironment().Token, Is.EqualTo("of-variable"));

        Environment.SetEnvironmentVariable("HF_TOKEN", "two\nlines");
        BipeException fault = Assert.Throws<BipeException>(() => HubOptions.FromEnvironment())!;
        Assert.That(fault.Message, Does.Contain("HF_TOKEN").And.Not.Contain("lines"));
    }

    [Test]
    public void TheEndpointComesFromTheOptionElseFromTheVariable()
    {
        Environment.SetEnvironmentVariable("HF_TOKEN", "x");
        Assert.That(HubOptions.FromEnvironment().Endpoint, Is.EqualTo(HubOptions.PublicEndpoint));

        Environment.SetEnvironmentVariable("HF_ENDPOINT", "https://mirror.example/hub");
        Assert.That(HubOptions.FromEnvironment().Endpoint, Is.EqualTo(new Uri("https://mirror.example/hub")));
        Assert.That(HubOptions.FromEnvironment("http://other.example").Endpoint, Is.EqualTo(new Uri("http://other.example")));
        Assert.That(
            () => HubOptions.FromEnvironment("mirror.example"), Throws.InstanceOf<BipeException>().With.Message.Contains("--endpoint is 'mirror.example'"));
    }
}
