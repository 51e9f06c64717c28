using BiPE.Core.Checkpoints.Safetensors;

namespace BiPE.Cli.SelfTest;

/// <summary>Reads recorded arrays.</summary>
internal static class GoldenArrays
{
    /// <summary>All numbers of an array.</summary>
    /// <param name="arrays">The file.</param>
    /// <param name="name">The array.</param>
    public static double[] Doubles(this SafetensorsFile arrays, string name)
    {
        var values = new double[arrays.Entries[name].Count];
        arrays.ReadDoubles(name, 0, values);
        return values;
    }

    /// <summary>All integers of an array.</summary>
    /// <param name="arrays">The file.</param>
    /// <param name="name">The array.</param>
    public static int[] Integers(this SafetensorsFile arrays, string name)
    {
        var values = new long[arrays.Entries[name].Count];
        arrays.ReadIntegers(name, 0, values);
        return [.. values.Select(value => checked((int)value))];
    }
}
