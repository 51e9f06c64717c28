using System.Reflection;
using BiPE.Core.Tensors;

namespace BiPE.Backend.Tests;

/// <summary>Fails when an operation is added without tests.</summary>
public sealed class CoverageTests
{
    private static IEnumerable<string> Operations() => typeof(ITensorBackend)
        .GetMethods(BindingFlags.Public | BindingFlags.Instance)
        .Where(method => !method.IsSpecialName)
        .Select(method => method.Name);

    [TestCaseSource(nameof(Operations))]
    public void EveryOperationHasTestsOnEveryBackend(string operation)
    {
        Type? tests = typeof(CoverageTests).Assembly.GetTypes().SingleOrDefault(type => type.Name == $"{operation}Tests");
        Assert.That(tests, Is.Not.Null, $"There is no class {operation}Tests.");
        Assert.That(tests!.IsSubclassOf(typeof(OperationTests)), $"{tests.Name} does not run on every backend.");
        Assert.That(tests.GetMethods().Count(method => method.IsDefined(typeof(TestAttribute)) || method.IsDefined(typeof(TestCaseSourceAttribute))
            || method.IsDefined(typeof(TestCaseAttribute))), Is.Positive);
    }

    [Test]
    public void TheListOfOperationsIsNotEmpty() => Assert.That(Operations().Count(), Is.GreaterThan(30));
}
