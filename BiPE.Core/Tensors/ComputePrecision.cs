namespace BiPE.Core.Tensors;

/// <summary>What a backend that has the choice computes in; master weights, moments and statistics are float32 in any case.</summary>
public enum ComputePrecision
{
    /// <summary>What the backend prefers.</summary>
    Default,

    /// <summary>
    /// Activations and the weights that products read in bfloat16; a backend that computes in float32 all the same stores the matrices of a model
    /// that only evaluates so (<see cref="BackendInfo.FrozenType"/>).
    /// </summary>
    BFloat16,

    /// <summary>Everything in float32.</summary>
    Float32,

    /// <summary>Everything stored in float32, factors of products rounded to 10 bits of mantissa.</summary>
    TensorFloat32,
}
