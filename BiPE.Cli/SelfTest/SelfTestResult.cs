namespace BiPE.Cli.SelfTest;

/// <summary>What one check of <c>bipe selftest</c> found.</summary>
/// <param name="Name">What was checked.</param>
/// <param name="Passed">Whether it is as it should be.</param>
/// <param name="Detail">The numbers, in words.</param>
/// <param name="Seconds">Time it took.</param>
internal sealed record SelfTestResult(string Name, bool Passed, string Detail, double Seconds);
