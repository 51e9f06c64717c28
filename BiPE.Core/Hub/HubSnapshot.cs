namespace BiPE.Core.Hub;

/// <summary>The files of a repository at one commit.</summary>
/// <param name="Repository">Name, <c>owner/name</c>.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Revision">Branch, tag or commit that was asked for.</param>
/// <param name="Commit">The commit it stood for.</param>
/// <param name="Files">All files, in the order of their paths.</param>
public sealed record HubSnapshot(string Repository, HubRepositoryType Type, string Revision, string Commit, IReadOnlyList<HubFile> Files);
