using NUnit.Framework;

namespace BiPE.Testing;

/// <summary>Every backend that must conform; a new backend is a line here.</summary>
public static class BackendFixtures
{
    /// <summary>All fixtures; one that this machine can't run is ignored with its reason, never absent.</summary>
    public static IEnumerable<TestFixtureData> All()
    {
        yield return Of(new BackendFixture("reference", () => new ReferenceBackend()));
        yield return Of(new BackendFixture("default bodies", () => new DefaultBodiesBackend()));
    }

    private static TestFixtureData Of(BackendFixture fixture) => new TestFixtureData(fixture).SetArgDisplayNames(fixture.Name);
}
