namespace BiPE.Core.Model;

/// <summary>
/// Reads the scaling of rotary frequencies in its three spellings: the reference's <c>rope_scaling {"type", "factor"}</c>, later
/// Hugging Face's <c>rope_scaling {"rope_type", "factor"}</c> and today's <c>rope_parameters {"rope_type", "rope_theta", "factor"}</c>.
/// </summary>
internal static class RotaryScalingReader
{
    private static readonly string[] Known = ["linear", "dynamic"];
    private static readonly string[] NotSupported = ["yarn", "llama3", "longrope", "su", "ntk", "mrope", "proportional"];

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
        string? type = section.Text("type");
        string? ropeType = section.Text("rope_type");
        if (type is not null && ropeType is not null && type != ropeType)
        {
            throw new BipeException($"{section.Source}: {name} has type '{type}' and rope_type '{ropeType}'; keep one of them.");
        }

        string? method = ropeType ?? type ?? (name == "rope_parameters" ? "default" : null);
        if (method is null)
        {
            throw new BipeException($"{section.Source}: the key '{name}.type' is missing; known are {string.Join(", ", Known)}.");
        }

        if (method == "default")
        {
            return null;
        }

        if (NotSupported.Contains(method))
        {
            throw new BipeException(
                $"{section.Source}: {name} asks for '{method}', which is not supported; supported are {string.Join(", ", Known)}.");
        }

        if (!Known.Contains(method))
        {
            throw new BipeException($"{section.Source}: {name} has the unknown type '{method}'; {NearestName.Suggest(method, Known)}");
        }

        double factor = section.Number("factor")
            ?? throw new BipeException($"{section.Source}: the key '{name}.factor' is missing, expected a number above 1.");
        if (factor <= 1)
        {
            throw section.Wrong("factor", "a number above 1");
        }

        if (section.Integer("original_max_position_embeddings") is { } original && original != maximumPositions)
        {
            throw section.Wrong("original_max_position_embeddings", $"max_position_embeddings = {maximumPositions} or no such key");
        }

        return new RotaryScalingConfig(method, factor);
    }
}
