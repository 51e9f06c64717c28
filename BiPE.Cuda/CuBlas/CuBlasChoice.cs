using BiPE.Core;

namespace BiPE.Cuda.CuBlas;

/// <summary>Takes the first library of cuBLAS that the driver can use.</summary>
internal static class CuBlasChoice
{
    /// <summary>Opens one.</summary>
    /// <param name="libraries">What was found, in the order to try; at least one.</param>
    /// <param name="driver">Version of CUDA that the driver is for.</param>
    /// <param name="handle">What the library is called with.</param>
    /// <exception cref="BipeException">None could be opened; the message says what was found and what is wanted.</exception>
    public static T Open<T>(IEnumerable<T> libraries, Version driver, out nint handle)
        where T : ICuBlas
    {
        var refused = new List<string>();
        bool isTooNew = false;
        foreach (T library in libraries)
        {
            CuBlasStatus status = library.Open(out handle);
            if (status == CuBlasStatus.Success)
            {
                return library;
            }

            bool wantsNewer = library.Version.Major > driver.Major;
            isTooNew |= wantsNewer;
            refused.Add($"cuBLAS {library.Version} ({library.Path}) "
                + (wantsNewer ? $"needs a driver for CUDA {library.Version.Major}" : $"answers {status} ({(int)status})"));
        }

        string advice = isTooNew
            ? $"update the driver, or install cuBLAS {driver.Major}"
            : "check with nvidia-smi that the device works and has memory left, and that cuBLAS and the driver belong together";
        throw new BipeException(
            $"cuBLAS could not be opened: {string.Join(", ", refused)}, and the NVIDIA driver is for CUDA {driver}; {advice}, or compute with --backend cpu.");
    }
}
