using BiPE.Core.Tensors;
using BiPE.Cuda.Kernels;

namespace BiPE.Cuda;

public sealed partial class CudaBackend
{
    private const int MostPartsOfATensor = 512;
    private const int OctetsOfPart = 2048;

    /// <inheritdoc/>
    public void SumOfSquares(Tensor destination, IReadOnlyList<Tensor> sources)
    {
        int parts = sources.Sum(PartsOf);
        using var scope = new TensorScope(this);
        Tensor sums = scope.Allocate(new Shape(Math.Max(parts, 1)), ElementType.Float64);
        int first = 0;
        foreach (Tensor source in sources)
        {
            if (source.Type == ElementType.BFloat16)
            {
                SquareParts<ushort, BFloat16Format>(sums, source, first);
            }
            else
            {
                SquareParts<float, Float32Format>(sums, source, first);
            }

            first += PartsOf(source);
        }

        _launcher.Launch(TrainingKernels.SquareTotal, 1, _launcher.Plan.WarpSize, new SquareTotalArguments
        {
            Destination = View<float>(destination), Parts = View<double>(sums), PartCount = parts,
        });
    }

    /// <inheritdoc/>
    public void AdamWStep(AdamWTensors tensors, Tensor? sumOfSquares, AdamWOptions options)
    {
        if (tensors.ComputeCopy is { Type: ElementType.BFloat16 })
        {
            AdamW<ushort, BFloat16Format>(tensors, tensors.ComputeCopy, sumOfSquares, options);
        }
        else
        {
            AdamW<float, Float32Format>(tensors, tensors.ComputeCopy ?? tensors.Parameter, sumOfSquares, options);
        }
    }

    /// <summary>Groups that sum a tensor, from its length alone.</summary>
    private static int PartsOf(Tensor tensor) =>
        (int)Math.Min(MostPartsOfATensor, (Octets(tensor.Count) + OctetsOfPart - 1) / OctetsOfPart);

    private void SquareParts<T, TFormat>(Tensor sums, Tensor source, int first)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        if (source.Count > 0)
        {
            _launcher.Launch(TrainingKernels.SquareParts<T, TFormat>, PartsOf(source), _launcher.Plan.WarpGroup, new SquarePartsArguments<T>
            {
                Parts = View<double>(sums), Source = View<T>(source), Count = source.Count, FirstPart = first, Wide = Wide(Octet.Length, source),
            });
        }
    }

    private void AdamW<T, TFormat>(AdamWTensors tensors, Tensor copy, Tensor? sumOfSquares, AdamWOptions options)
        where T : unmanaged
        where TFormat : struct, IFormat<T> =>
        _launcher.PerThread(TrainingKernels.AdamW<T, TFormat>, Octets(tensors.Parameter.Count), new AdamWArguments<T>
        {
            Parameter = View<float>(tensors.Parameter),
            Gradient = View<float>(tensors.Gradient),
            FirstMoment = View<float>(tensors.FirstMoment),
            SecondMoment = View<float>(tensors.SecondMoment),
            Copy = View<T>(copy),
            SumOfSquares = View<float>(sumOfSquares ?? tensors.Gradient),
            Count = tensors.Parameter.Count,
            MaximumNorm = (float)options.MaximumGradientNorm,
            Beta1 = (float)options.Beta1,
            OneLessBeta1 = (float)(1 - options.Beta1),
            Beta2 = (float)options.Beta2,
            OneLessBeta2 = (float)(1 - options.Beta2),
            Decay = (float)(1 - (options.LearningRate * options.WeightDecay)),
            Rate = (float)(options.LearningRate / (1 - Math.Pow(options.Beta1, options.Step))),
            SecondRoot = (float)Math.Sqrt(1 - Math.Pow(options.Beta2, options.Step)),
            Epsilon = (float)options.Epsilon,
            Clips = sumOfSquares is null || options.MaximumGradientNorm == 0 ? 0 : 1,
            HasCopy = tensors.ComputeCopy is null ? 0 : 1,
            Wide = Wide(Octet.Length, tensors.Parameter, tensors.Gradient, tensors.FirstMoment, tensors.SecondMoment, copy),
        });
}
