using BiPE.Core;
using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Cli.Tests;

internal sealed class BackendRegistryTests
{
    private static readonly Provider Absent = new("absent", null, "no such device found");
    private static readonly Provider Good = new("good", () => new ReferenceBackend(), "a device");

    [Test]
    public void AutomaticTakesTheFirstThatWorksAndSaysWhy()
    {
        using var wrong = new WrongProductBackend();
        var notes = new List<string>();
        using ITensorBackend backend = new BackendRegistry(Absent, new Provider("wrong", () => wrong, "a device"), Good)
            .Open(BackendRegistry.Automatic, new BackendOptions(), notes.Add);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(backend.Info.Name, Is.EqualTo("reference"));
            Assert.That(wrong.IsDisposed, Is.True);
            Assert.That(notes, Has.Count.EqualTo(1));
            Assert.That(notes[0], Does.Contain("good").And.Contain("no such device found").And.Contain("computes wrongly"));
        }
    }

    [Test]
    public void ADeviceThatOnlyMultipliesIsNotTaken()
    {
        var registry = new BackendRegistry(new Provider("wrong", () => new WrongProductBackend { AddsNothing = true }, "a device"), Good);
        using ITensorBackend backend = registry.Open(BackendRegistry.Automatic, new BackendOptions(), _ => { });
        Assert.That(backend.Info.Name, Is.EqualTo("reference"));
    }

    [Test]
    public void ExplicitChoiceThatFailsSaysWhy()
    {
        var registry = new BackendRegistry(Absent, new Provider("wrong", () => new WrongProductBackend(), "a device"), Good);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Open("absent"), Throws.TypeOf<BipeException>().With.Message.Contains("no such device found"));
            Assert.That(() => Open("wrong"), Throws.TypeOf<BipeException>().With.Message.Contains("computes wrongly"));
            Assert.That(() => Open("other"), Throws.TypeOf<BipeException>().With.Message.Contains("good, wrong, absent, auto"));
        }

        ITensorBackend Open(string name) => registry.Open(name, new BackendOptions(), _ => Assert.Fail("an explicit choice needs no note"));
    }

    [Test]
    public void WithoutAnyBackendAllReasonsAreTold() =>
        Assert.That(
            () => new BackendRegistry(Absent).Open(BackendRegistry.Automatic, new BackendOptions(), _ => { }),
            Throws.TypeOf<BipeException>().With.Message.Contains("absent: no such device found"));

    [Test]
    public void ReportListsOperationsThatRunOnTheHost()
    {
        BackendReport report = BackendReport.Create(Good);

        Assert.That(report.HostOperations, Does.Contain(nameof(ITensorBackend.Attention)).And.Not.Contain(nameof(ITensorBackend.MatMul)));
    }

    private sealed class Provider(string name, Func<ITensorBackend>? create, string description) : IBackendProvider
    {
        public string Name => name;

        public BackendProbe Probe() => new(create is not null, description);

        public ITensorBackend Create(BackendOptions options) => create!();
    }
}
