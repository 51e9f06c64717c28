namespace BiPE.Cuda.Products;

/// <summary>Computes matrix products on the device's stream.</summary>
internal interface IMatrixMultiplier : IDisposable
{
    /// <summary>What computes, with its version, for logs.</summary>
    string Name { get; }

    /// <summary>Starts the products. None of the extents is 0.</summary>
    /// <param name="product">What to compute.</param>
    void Multiply(in MatrixProduct product);
}
