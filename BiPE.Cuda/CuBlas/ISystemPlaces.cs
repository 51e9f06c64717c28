namespace BiPE.Cuda.CuBlas;

/// <summary>What the search for cuBLAS asks the system.</summary>
internal interface ISystemPlaces
{
    bool IsWindows { get; }

    /// <summary>An environment variable, or null.</summary>
    /// <param name="name">Its name.</param>
    string? Variable(string name);

    /// <summary>Whether there is such a file.</summary>
    /// <param name="path">Its path.</param>
    bool HasFile(string path);

    /// <summary>Folders that Python installs packages in.</summary>
    IEnumerable<string> PythonPackageFolders();
}
