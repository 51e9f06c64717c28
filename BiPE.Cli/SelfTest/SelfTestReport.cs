namespace BiPE.Cli.SelfTest;

/// <summary>What <c>bipe selftest</c> found.</summary>
/// <param name="Backend">Name of the backend.</param>
/// <param name="Device">Its device in words.</param>
/// <param name="Passed">Whether every check passed.</param>
/// <param name="Checks">The checks.</param>
internal sealed record SelfTestReport(string Backend, string Device, bool Passed, IReadOnlyList<SelfTestResult> Checks);
