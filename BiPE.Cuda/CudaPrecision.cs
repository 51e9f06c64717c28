namespace BiPE.Cuda;

/// <summary>What a CUDA backend computes in.</summary>
public enum CudaPrecision
{
    /// <summary>Activations and the weights that products read in bfloat16; statistics, gradients of weights, master weights and moments in float32.</summary>
    BFloat16,

    /// <summary>Everything in float32.</summary>
    Float32,

    /// <summary>Everything stored in float32, factors of products rounded to 10 bits of mantissa.</summary>
    TensorFloat32,
}
