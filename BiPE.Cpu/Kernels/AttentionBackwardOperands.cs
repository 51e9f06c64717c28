namespace BiPE.Cpu.Kernels;

/// <summary>What the backward pass of attention writes, and what it reads beside the forward pass's operands.</summary>
internal unsafe struct AttentionBackwardOperands
{
    /// <summary>Gradient of the packed tensor, written.</summary>
    public float* Packed;
    public bool AccumulatePacked;

    /// <summary>Gradient of the bias table, written; or null.</summary>
    public float* BiasTable;
    public bool AccumulateBias;

    /// <summary>Gradient of the output, <c>[batch, time, heads, size]</c>.</summary>
    public float* Gradient;

    /// <summary>The output, as written.</summary>
    public float* Output;

    /// <summary><c>[batch, heads, time]</c>, as written.</summary>
    public float* LogSumExp;
}
