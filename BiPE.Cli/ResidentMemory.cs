using System.Diagnostics;
using System.Globalization;

namespace BiPE.Cli;

/// <summary>Memory that this process holds.</summary>
internal static class ResidentMemory
{
    private const string PeakField = "VmHWM:";

    /// <summary>Most bytes held since the process began or, on Linux, since <see cref="ResetPeak"/>; null if the system does not tell.</summary>
    public static long? Peak
    {
        get
        {
            if (OperatingSystem.IsLinux())
            {
                string? line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(PeakField, StringComparison.Ordinal));
                return line is null ? null : 1024 * long.Parse(line[PeakField.Length..^"kB".Length], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
            }

            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64 > 0 ? process.PeakWorkingSet64 : null;
        }
    }

    /// <summary>Lets the peak start again from what is held now; only Linux can.</summary>
    public static void ResetPeak()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            // proc(5): writing 5 resets the peak resident set size.
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then the peak is that of the whole process.
        }
    }
}
