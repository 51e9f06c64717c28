using BiPE.Core.Tensors;

namespace BiPE.Cli.SelfTest;

/// <summary>A check of <c>bipe selftest</c>.</summary>
internal interface ISelfTestCheck
{
    /// <summary>What is checked.</summary>
    string Name { get; }

    /// <summary>Runs the check.</summary>
    /// <param name="backend">The backend under test.</param>
    /// <returns>Whether it is as it should be, and the numbers in words.</returns>
    (bool Passed, string Detail) Run(ITensorBackend backend);
}
