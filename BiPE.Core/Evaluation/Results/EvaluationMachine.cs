namespace BiPE.Core.Evaluation.Results;

/// <summary>What an evaluation ran on and with.</summary>
/// <param name="Version">Version of this program.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Backend">Name of the backend, <c>cpu</c> for example.</param>
/// <param name="Device">The device in words.</param>
public sealed record EvaluationMachine(string Version, string Runtime, string OperatingSystem, string Backend, string Device);
