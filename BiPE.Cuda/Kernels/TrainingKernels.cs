using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>What the optimizer needs: the gradients' norm, which stays on the device, and its step.</summary>
internal static class TrainingKernels
{
    /// <summary>parts[first + g] = sum of squares of what group g reads, in float64.</summary>
    [Kernel]
    public static void SquareParts<T, TFormat>(SquarePartsArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        ArrayView<double> shared = SharedMemory.Allocate<double>(Lanes.MostWarps);
        double sum = 0;
        long step = (long)Lanes.ThreadCount * Octet.Length;
        for (long at = (long)Lanes.GlobalThread * Octet.Length; at < arguments.Count; at += step)
        {
            int count = (int)IntrinsicMath.Min(Octet.Length, arguments.Count - at);
            Octet x = Octets.Load<T, TFormat>(arguments.Source, at, count, arguments.Wide);
            sum += SumOfSquares(x);
        }

        for (int distance = Warp.WarpSize / 2; distance > 0; distance >>= 1)
        {
            sum += Warp.ShuffleXor(sum, distance);
        }

        if (Warp.LaneIdx == 0)
        {
            shared[Lanes.WarpInGroup] = sum;
        }

        Group.Barrier();
        if (Group.IdxX == 0)
        {
            double total = 0;
            for (int warp = 0; warp < Lanes.WarpsPerGroup; warp++)
            {
                total += shared[warp];
            }

            arguments.Parts[arguments.FirstPart + Grid.IdxX] = total;
        }
    }

    /// <summary>destination[0] = sum of all parts. One warp: lanes take parts in turn, then add up across.</summary>
    [Kernel]
    public static void SquareTotal(SquareTotalArguments arguments)
    {
        double sum = 0;
        for (int part = Warp.LaneIdx; part < arguments.PartCount; part += Warp.WarpSize)
        {
            sum += arguments.Parts[part];
        }

        for (int distance = Warp.WarpSize / 2; distance > 0; distance >>= 1)
        {
            sum += Warp.ShuffleXor(sum, distance);
        }

        if (Warp.LaneIdx == 0)
        {
            arguments.Destination[0] = (float)sum;
        }
    }

    /// <summary>
    /// One AdamW step of float32 master weights, with the gradient clipped by the norm that lies on the device, and the narrower
    /// copy for the products written in the same pass.
    /// </summary>
    [Kernel]
    public static void AdamW<T, TFormat>(AdamWArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        float clip = 1f;
        if (arguments.Clips != 0)
        {
            float allowed = arguments.MaximumNorm / (MathF.Sqrt(arguments.SumOfSquares[0]) + 1e-6f);

            // A norm that is not a number must show in the weights.
            clip = allowed >= 1f ? 1f : allowed;
        }

        long step = (long)Lanes.ThreadCount * Octet.Length;
        for (long at = (long)Lanes.GlobalThread * Octet.Length; at < arguments.Count; at += step)
        {
            int count = (int)IntrinsicMath.Min(Octet.Length, arguments.Count - at);
            Octet g = Octets.Load<float, Float32Format>(arguments.Gradient, at, count, arguments.Wide) * clip;
            Octet first = (Octets.Load<float, Float32Format>(arguments.FirstMoment, at, count, arguments.Wide) * arguments.Beta1)
                + (g * arguments.OneLessBeta1);
            Octet second = (Octets.Load<float, Float32Format>(arguments.SecondMoment, at, count, arguments.Wide) * arguments.Beta2)
                + ((g * arguments.OneLessBeta2) * g);
            Octet parameter = Octets.Load<float, Float32Format>(arguments.Parameter, at, count, arguments.Wide) * arguments.Decay;
            var updated = new Octet(
                Update(parameter.A, first.A, second.A, arguments.Rate, arguments.SecondRoot, arguments.Epsilon),
                Update(parameter.B, first.B, second.B, arguments.Rate, arguments.SecondRoot, arguments.Epsilon),
                Update(parameter.C, first.C, second.C, arguments.Rate, arguments.SecondRoot, arguments.Epsilon),
                Update(parameter.D, first.D, second.D, arguments.Rate, arguments.SecondRoot, arguments.Epsilon),
                Update(parameter.E, first.E, second.E, arguments.Rate, arguments.SecondRoot, arguments.Epsilon),
                Update(parameter.F, first.F, second.F, arguments.Rate, arguments.SecondRoot, arguments.Epsilon),
                Update(parameter.G, first.G, second.G, arguments.Rate, arguments.SecondRoot, arguments.Epsilon),
                Update(parameter.H, first.H, second.H, arguments.Rate, arguments.SecondRoot, arguments.Epsilon));
            Octets.Store<float, Float32Format>(arguments.FirstMoment, at, count, arguments.Wide, first);
            Octets.Store<float, Float32Format>(arguments.SecondMoment, at, count, arguments.Wide, second);
            Octets.Store<float, Float32Format>(arguments.Parameter, at, count, arguments.Wide, updated);
            if (arguments.HasCopy != 0)
            {
                Octets.Store<T, TFormat>(arguments.Copy, at, count, arguments.Wide, updated);
            }
        }
    }

    private static float Update(float decayed, float first, float second, float rate, float secondRoot, float epsilon) =>
        decayed - ((rate * first) / ((MathF.Sqrt(second) / secondRoot) + epsilon));

    private static double SumOfSquares(Octet x) =>
        ((((double)x.A * x.A) + ((double)x.B * x.B)) + (((double)x.C * x.C) + ((double)x.D * x.D)))
        + ((((double)x.E * x.E) + ((double)x.F * x.F)) + (((double)x.G * x.G) + ((double)x.H * x.H)));
}

/// <summary>Operands of <see cref="TrainingKernels.SquareParts"/>.</summary>
internal struct SquarePartsArguments<T>
    where T : unmanaged
{
    public ArrayView<double> Parts;
    public ArrayView<T> Source;
    public long Count;
    public int FirstPart;
    public int Wide;
}

/// <summary>Operands of <see cref="TrainingKernels.SquareTotal"/>.</summary>
internal struct SquareTotalArguments
{
    public ArrayView<float> Destination;
    public ArrayView<double> Parts;
    public int PartCount;
}

/// <summary>Operands of <see cref="TrainingKernels.AdamW"/>.</summary>
internal struct AdamWArguments<T>
    where T : unmanaged
{
    public ArrayView<float> Parameter;
    public ArrayView<float> Gradient;
    public ArrayView<float> FirstMoment;
    public ArrayView<float> SecondMoment;
    public ArrayView<T> Copy;
    public ArrayView<float> SumOfSquares;
    public long Count;
    public float MaximumNorm;
    public float Beta1;
    public float OneLessBeta1;
    public float Beta2;
    public float OneLessBeta2;
    public float Decay;
    public float Rate;
    public float SecondRoot;
    public float Epsilon;
    public int Clips;
    public int HasCopy;
    public int Wide;
}
