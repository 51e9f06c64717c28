namespace BiPE.Cuda.Devices;

/// <summary>The driver, as far as it is asked what there is.</summary>
internal interface ICudaDriver
{
    /// <summary>Whether there is one; nothing else may be asked if not.</summary>
    bool IsPresent { get; }

    /// <summary>Asks it.</summary>
    /// <exception cref="Exception">It does not work; the message says how.</exception>
    CudaDriverState Read();
}
