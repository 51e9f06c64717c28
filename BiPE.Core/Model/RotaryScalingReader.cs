using BiPE.Core.Positions.Rotary;

namespace BiPE.Core.Model;

/// <summary>
/// Reads the scaling of rotary frequencies in its three spellings: the reference's <c>rope_scaling {"type", "factor"}</c>, later
/// Hugging Face's <c>rope_scaling {"rope_type", "factor"}</c> and today's <c>rope_parameters {"rope_type", "rope_theta", "factor"}</c>.
/// Keys that the method does not have are passed over, as Hugging Face does.
/// </summary>
internal static class RotaryScalingReader
{
    private const string OriginalKey = "original_max_position_embeddings";
    private static readonly string[] NotSupported = ["longrope", "su", "ntk", "mrope", "proportional"];

    public static RotaryScalingConfig? Read(ConfigSection config, int maximumPositions)
    {
        var old = config.Section("rope_scaling");
        var parameters = config.Section("rope_parameters");
        if (old is not null && parameters is not null)
        {
            throw new BipeException($"{config.Source}: rope_scaling and rope_parameters are both set; keep one of them.");
        }

        return (old ?? parameters) is { } section ? Read(section, old is null ? "rope_parameters" : "rope_scaling", maximumPositions) : null;
    }

    private static RotaryScalingConfig? Read(ConfigSection section, string name, int maximumPositions)
    {
        string method = Method(section, name);
        if (method == "default")
        {
            return null;
        }

        int? original = section.Integer(OriginalKey);
        var scaling = new RotaryScalingConfig(method, Factor(section, name, original, maximumPositions));
        foreach (RotaryScalingKey key in RotaryScalingKey.All.Where(key => key.Methods.Contains(method)))
        {
            scaling = key.Read(scaling, section, key.Name);
        }

        // Hugging Face's dynamic scaling starts beyond max_position_embeddings whatever this says, so another number is a mistake.
        if (method == RotaryScalings.Dynamic && original is not null && original != maximumPositions)
        {
            throw section.Wrong(OriginalKey, $"max_position_embeddings = {maximumPositions} or no such key");
        }

        if (method == RotaryScalings.Llama3 && original is null)
        {
            throw new BipeException($"{section.Source}: the key '{name}.{OriginalKey}' is missing, which llama3 needs.");
        }

        scaling.Validate($"{section.Source}, {name}");
        return scaling;
    }

    private static string Method(ConfigSection section, string name)
    {
        string? type = section.Text("type");
        string? ropeType = section.Text("rope_type");
        if (type is not null && ropeType is not null && type != ropeType)
        {
            throw new BipeException($"{section.Source}: {name} has type '{type}' and rope_type '{ropeType}'; keep one of them.");
        }

        string known = string.Join(", ", RotaryScalings.Names);
        string? method = ropeType ?? type ?? (name == "rope_parameters" ? "default" : null);
        if (method is null)
        {
            throw new BipeException($"{section.Source}: the key '{name}.type' is missing; known are {known}.");
        }

        return NotSupported.Contains(method)
            ? throw new BipeException($"{section.Source}: {name} asks for '{method}', which is not supported; supported are {known}.")
            : method != "default" && !RotaryScalings.Names.Contains(method)
            ? throw new BipeException($"{section.Source}: {name} has the unknown type '{method}'; {NearestName.Suggest(method, RotaryScalings.Names)}")
            : method;
    }

    /// <summary>The factor; where it is absent, how much longer the model's positions are than the original ones.</summary>
    private static double Factor(ConfigSection section, string name, int? original, int maximumPositions)
    {
        double? given = section.Number("factor");
        if (given is null && original > 0 && original < maximumPositions)
        {
            return (double)maximumPositions / original.Value;
        }

        return given switch
        {
            null => throw new BipeException($"{section.Source}: the key '{name}.factor' is missing, expected a number above 1."),
            <= 1 => throw section.Wrong("factor", "a number above 1"),
            { } factor => factor,
        };
    }
}
