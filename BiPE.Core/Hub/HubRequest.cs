namespace BiPE.Core.Hub;

/// <summary>Which files to fetch, and where to.</summary>
public sealed record HubRequest
{
    /// <summary>Name of the repository, <c>owner/name</c>.</summary>
    public required string Repository { get; init; }

    /// <summary>What it holds; null to ask the hub for a data set and a model of this name.</summary>
    public HubRepositoryType? Type { get; init; }

    /// <summary>Branch, tag or commit.</summary>
    public string Revision { get; init; } = "main";

    /// <summary>Patterns, of which a path must match one; empty for all files. See <see cref="HubPatterns"/>.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns, of which a path must match none.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Folder for the files, made if it is missing. Nothing is written outside it.</summary>
    public required string Folder { get; init; }

    /// <summary>Files fetched at once; at least 1.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Whether files that were fetched before are read whole and compared with their hashes.</summary>
    public bool Verify { get; init; }
}
