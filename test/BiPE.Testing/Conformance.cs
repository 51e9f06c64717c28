using System.Collections.Concurrent;
using BiPE.Core.Tensors;
using NUnit.Framework;

namespace BiPE.Testing;

/// <summary>
/// Runs one case of an operation on a backend and on the float64 oracle with the same operands, and compares. The case is run
/// again with unaligned tensors and, if there is one, on the single-threaded twin: both must repeat the first run's bits.
/// </summary>
public static class Conformance
{
    private static readonly ConcurrentDictionary<(string Case, ElementType Precision), Lazy<IReadOnlyList<Observation>>> Expectations = new();

    /// <summary>Checks one case.</summary>
    /// <param name="backend">The backend under test.</param>
    /// <param name="singleThreaded">The same backend with one thread, or null.</param>
    /// <param name="name">Name of the case, unique among all; the seed comes from it.</param>
    /// <param name="operation">Places operands on the bench, calls the backend, names results.</param>
    public static void Check(ITensorBackend backend, ITensorBackend? singleThreaded, string name, Action<Bench> operation)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ElementType precision = backend.Info.ActivationType == ElementType.BFloat16 ? ElementType.BFloat16 : ElementType.Float32;
        IReadOnlyList<Observation> expected = Expectations.GetOrAdd((name, precision), _ => new Lazy<IReadOnlyList<Observation>>(() =>
        {
            using var oracle = new ValidatingBackend(new ReferenceBackend());
            return Run(oracle, name, operation, precision, unaligned: false);
        })).Value;

        IReadOnlyList<Observation> found = Run(backend, name, operation, precision, unaligned: false);
        Assert.That(FirstDifference(expected, found, backend.Info.Name, IsWithinTolerance), Is.Null, Describe(name, backend));

        IReadOnlyList<Observation> unaligned = Run(backend, name, operation, precision, unaligned: true);
        Assert.That(
            FirstDifference(found, unaligned, "unaligned tensors", IsSameBits), Is.Null, $"{Describe(name, backend)}, unaligned starts");
        if (singleThreaded is not null)
        {
            IReadOnlyList<Observation> alone = Run(singleThreaded, name, operation, precision, unaligned: false);
            Assert.That(FirstDifference(found, alone, "one thread", IsSameBits), Is.Null, $"{Describe(name, backend)}, one thread");
        }
    }

    /// <summary>Seed that belongs to a name, the same in every run.</summary>
    /// <param name="name">Name of a case.</param>
    public static int Seed(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        uint hash = 2166136261;
        foreach (char letter in name)
        {
            hash = (hash ^ letter) * 16777619;
        }

        return (int)(hash & int.MaxValue);
    }

    private static string Describe(string name, ITensorBackend backend) => $"{name} (seed {Seed(name)}) on {backend.Info.Name}, {backend.Info.Device}";

    private static IReadOnlyList<Observation> Run(
        ITensorBackend backend, string name, Action<Bench> operation, ElementType precision, bool unaligned)
    {
        var bench = new Bench(backend, Seed(name), precision, unaligned);
        operation(bench);
        return bench.Finish();
    }

    private static string? FirstDifference(
        IReadOnlyList<Observation> expected, IReadOnlyList<Observation> found, string who, Func<double, double, Observation, bool> isAccepted)
    {
        if (expected.Count == 0 || expected.Count != found.Count)
        {
            return $"The case names {expected.Count} and {found.Count} results.";
        }

        for (int result = 0; result < found.Count; result++)
        {
            double[] wanted = expected[result].Values;
            double[] got = found[result].Values;
            for (int i = 0; i < wanted.Length; i++)
            {
                if (!isAccepted(wanted[i], got[i], found[result]))
                {
                    int wrong = Enumerable.Range(0, wanted.Length).Count(at => !isAccepted(wanted[at], got[at], found[result]));
                    double bound = found[result].Tolerance.Bound(wanted[i], found[result].Type);
                    return $"{found[result].Name}[{i}] of {who} is {got[i]:R}, expected {wanted[i]:R} within {bound:G3}; "
                        + $"{wrong} of {wanted.Length} elements differ.";
                }
            }
        }

        return null;
    }

    private static bool IsSameBits(double expected, double found, Observation observation) =>
        BitConverter.DoubleToInt64Bits(expected) == BitConverter.DoubleToInt64Bits(found) || (double.IsNaN(expected) && double.IsNaN(found));

    private static bool IsWithinTolerance(double expected, double found, Observation observation)
    {
        if (double.IsNaN(expected))
        {
            return double.IsNaN(found);
        }

        return Math.Abs(expected) > Tolerance.Largest(observation.Type)
            ? found == Math.Sign(expected) * double.PositiveInfinity
            : Math.Abs(found - expected) <= observation.Tolerance.Bound(expected, observation.Type);
    }
}
