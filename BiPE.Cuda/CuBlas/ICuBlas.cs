namespace BiPE.Cuda.CuBlas;

/// <summary>A loaded library of cuBLAS, as far as a choice between several asks it.</summary>
internal interface ICuBlas
{
    /// <summary>Name or path that it was loaded by.</summary>
    string Path { get; }

    /// <summary>Its version, such as 13.0.2.</summary>
    Version Version { get; }

    /// <summary>Opens it for the device that is bound to this thread.</summary>
    /// <param name="handle">What it is called with, if it could be opened.</param>
    CuBlasStatus Open(out nint handle);
}
