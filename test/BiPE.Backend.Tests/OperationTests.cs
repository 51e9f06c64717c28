using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests;

/// <summary>Base of the tests of one operation on one backend, wrapped in <see cref="ValidatingBackend"/>.</summary>
[TestFixtureSource(typeof(BackendFixtures), nameof(BackendFixtures.All))]
public abstract class OperationTests(BackendFixture fixture)
{
    /// <summary>
    /// Widths of rows: every tail of every vector width and of four vectors at once, and from there to eight vectors the ends of each.
    /// </summary>
    protected static readonly int[] Widths = [.. Enumerable.Range(0, 67), 79, 80, 81, 95, 96, 97, 111, 112, 113, 127, 128, 129, 130];

    /// <summary><see cref="Widths"/> of operations that need a column.</summary>
    protected static readonly int[] WidthsFromOne = Widths[1..];

    /// <summary>Lengths that elementwise operations are tested at.</summary>
    protected static readonly int[] Lengths = [.. Widths, 255, 256, 257, 1000, 4096 + 5, 100_003];

    /// <summary>Both write modes.</summary>
    protected static readonly WriteMode[] Modes = [WriteMode.Overwrite, WriteMode.Accumulate];

    private ValidatingBackend? _singleThreaded;
    private MemoryUse _ofBackend;

    protected ITensorBackend Backend { get; private set; } = null!;

    /// <summary>Whether the device is simulated, so that of large cases that differ little some are enough.</summary>
    protected bool IsSimulated => fixture.IsSimulated;

    [OneTimeSetUp]
    public void CreateBackend()
    {
        Backend = new ValidatingBackend(fixture.Create());
        _ofBackend = Backend.Memory;
        _singleThreaded = fixture.CreateSingleThreaded is { } create ? new ValidatingBackend(create()) : null;
    }

    [OneTimeTearDown]
    public void DisposeBackend()
    {
        if (!IsSimulated)
        {
            Backend?.Dispose();
        }

        _singleThreaded?.Dispose();
    }

    [TearDown]
    public void NothingIsLeaked()
    {
        if (TestContext.CurrentContext.Result.FailCount == 0)
        {
            // A device keeps some memory as long as it is open, such as a workspace for its products.
            Assert.That(Backend.Memory.LiveBuffers, Is.EqualTo(_ofBackend.LiveBuffers), "buffers, some not released");
            Assert.That(Backend.Memory.Used, Is.EqualTo(_ofBackend.Used), "bytes in use");
        }
    }

    /// <summary>Compares a case with the oracle; see <see cref="Conformance"/>.</summary>
    /// <param name="name">Name, unique within the class.</param>
    /// <param name="operation">The case.</param>
    protected void Check(string name, Action<Bench> operation) =>
        Conformance.Check(Backend, _singleThreaded, $"{GetType().Name}, {name}", operation);

    /// <summary>Whether the backend stores an element type.</summary>
    /// <param name="type">Element type.</param>
    protected bool Stores(ElementType type)
    {
        try
        {
            Backend.Release(Backend.Allocate(new Shape(1), type));
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }
}
