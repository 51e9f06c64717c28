using BiPE.Core.Checkpoints.Safetensors;

namespace BiPE.Core.Checkpoints.Pickle;

/// <summary>Sentences about PyTorch files that are not read.</summary>
internal static class PickleFault
{
    /// <summary>The file is cut, damaged, or in another format.</summary>
    public static BipeException Damaged(string path, string what) =>
        new($"PyTorch file '{path}': {what}; the file is damaged or not in this format, so get it again.");

    /// <summary>The file holds something that no tensor needs.</summary>
    public static BipeException Refused(string path, string what) =>
        new($"PyTorch file '{path}' {what}, which tensors do not need and which could run code elsewhere; get the weights as safetensors or from a source you trust.");

    /// <summary>The file holds tensors in a way that is not supported.</summary>
    public static BipeException Unsupported(string path, string what) => new($"PyTorch file '{path}' {what}; save the weights as safetensors.");

    /// <summary>A text from the file as it can stand in a message.</summary>
    public static string Quote(string text) => SafetensorsHeader.Quote(text);

    /// <summary>What a value is, in words.</summary>
    public static string Kind(object? value) => value switch
    {
        null => "None",
        bool => "a truth value",
        long or System.Numerics.BigInteger => "an integer",
        double => "a number",
        string => "a text",
        PickleTuple => "a tuple",
        PickleList => "a list",
        PickleDictionary => "a dictionary",
        TorchGlobal global => $"the name {global}",
        TorchStorage => "a storage",
        TorchTensor => "a tensor",
        _ => "a mark",
    };
}
