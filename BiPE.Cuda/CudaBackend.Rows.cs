using BiPE.Core.Tensors;
using BiPE.Cuda.Kernels;

namespace BiPE.Cuda;

public sealed partial class CudaBackend
{
    /// <inheritdoc/>
    public void GatherRows(Tensor destination, Tensor table, Tensor ids, WriteMode mode = WriteMode.Overwrite)
    {
        RequireSameType(nameof(GatherRows), destination, table);
        if (table.Type == ElementType.BFloat16)
        {
            Gather<ushort, BFloat16Format>(destination, table, ids, mode);
        }
        else
        {
            Gather<float, Float32Format>(destination, table, ids, mode);
        }
    }

    /// <inheritdoc/>
    public void ScatterAddRows(Tensor destination, Tensor source, Tensor ids, int skippedId, WriteMode mode)
    {
        if (mode == WriteMode.Overwrite)
        {
            Fill(destination, 0);
        }

        switch (source.Type, destination.Type)
        {
            case (ElementType.BFloat16, ElementType.BFloat16):
                ScatterAdd<ushort, BFloat16Format, ushort, BFloat16Format>(destination, source, ids, skippedId);
                break;
            case (ElementType.BFloat16, _):
                ScatterAdd<float, Float32Format, ushort, BFloat16Format>(destination, source, ids, skippedId);
                break;
            case (_, ElementType.BFloat16):
                ScatterAdd<ushort, BFloat16Format, float, Float32Format>(destination, source, ids, skippedId);
                break;
            default:
                ScatterAdd<float, Float32Format, float, Float32Format>(destination, source, ids, skippedId);
                break;
        }
    }

    /// <inheritdoc/>
    public void RmsNorm(Tensor destination, Tensor inverseRms, Tensor source, Tensor weight, double epsilon)
    {
        RequireSameType(nameof(RmsNorm), destination, source);
        RequireSameType(nameof(RmsNorm), weight, source);
        if (source.Type == ElementType.BFloat16)
        {
            RmsNorm<ushort, BFloat16Format>(destination, inverseRms, source, weight, epsilon);
        }
        else
        {
            RmsNorm<float, Float32Format>(destination, inverseRms, source, weight, epsilon);
        }
    }

    /// <inheritdoc/>
    public void RmsNormBackward(
        Tensor sourceGradient, WriteMode sourceMode, Tensor? weightGradient, WriteMode weightMode,
        Tensor gradient, Tensor source, Tensor inverseRms, Tensor weight)
    {
        RequireSameType(nameof(RmsNormBackward), sourceGradient, source);
        RequireSameType(nameof(RmsNormBackward), gradient, source);
        RequireSameType(nameof(RmsNormBackward), weight, source);

        // The gradient may be overwritten by its source's, so it is read for the weight's first.
        if (source.Type == ElementType.BFloat16)
        {
            SumColumns<ushort, BFloat16Format>(weightGradient, weightMode, gradient, source, inverseRms);
            RmsNormBackward<ushort, BFloat16Format>(sourceGradient, sourceMode, gradient, source, inverseRms, weight);
        }
        else
        {
            SumColumns<float, Float32Format>(weightGradient, weightMode, gradient, source, inverseRms);
            RmsNormBackward<float, Float32Format>(sourceGradient, sourceMode, gradient, source, inverseRms, weight);
        }
    }

    /// <inheritdoc/>
    public void SumRows(Tensor destination, Tensor source, WriteMode mode = WriteMode.Overwrite)
    {
        if (source.Type == ElementType.BFloat16)
        {
            SumColumns<ushort, BFloat16Format>(destination, mode, source, null, null);
        }
        else
        {
            SumColumns<float, Float32Format>(destination, mode, source, null, null);
        }
    }

    /// <inheritdoc/>
    public void Rotate(Tensor packed, RotateArguments arguments)
    {
        if (packed.Type == ElementType.BFloat16)
        {
            Rotate<ushort, BFloat16Format>(packed, arguments);
        }
        else
        {
            Rotate<float, Float32Format>(packed, arguments);
        }
    }

    private static void RequireSameType(string operation, Tensor tensor, Tensor other)
    {
        if (tensor.Type != other.Type)
        {
            throw new NotSupportedException($"{operation}: the CUDA backend does not mix {tensor.Type} and {other.Type} here.");
        }
    }

    private void Gather<T, TFormat>(Tensor destination, Tensor table, Tensor ids, WriteMode mode)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = table.Shape[1];
        _launcher.PerThread(RowsKernels.Gather<T, TFormat>, ids.Count * Octets(columns), new GatherArguments<T>
        {
            Destination = View<T>(destination),
            Table = View<T>(table),
            Ids = View<int>(ids),
            Rows = checked((int)ids.Count),
            TableRows = table.Shape[0],
            Columns = columns,
            Adds = Flag(mode),
            Wide = Wide(columns, destination, table),
        });
    }

    private void ScatterAdd<TTo, TToFormat, TFrom, TFromFormat>(Tensor destination, Tensor source, Tensor ids, int skippedId)
        where TTo : unmanaged
        where TToFormat : struct, IFormat<TTo>
        where TFrom : unmanaged
        where TFromFormat : struct, IFormat<TFrom>
    {
        if (source.Count == 0)
        {
            return;
        }

        int rows = checked((int)ids.Count);
        int columns = source.Shape[1];
        using var scope = new TensorScope(this);
        Tensor firsts = scope.Allocate(new Shape(destination.Shape[0]), ElementType.Int32);
        Fill(firsts, int.MaxValue);
        _launcher.PerThread(RowsKernels.FindFirsts, rows, new FirstsArguments
        {
            Firsts = View<int>(firsts), Ids = View<int>(ids), Rows = rows, TableRows = destination.Shape[0], SkippedId = skippedId,
        });
        int columnsOfWarp = _launcher.Plan.WarpSize * Octet.Length * RowsKernels.OctetsPerLane;
        long chunks = (columns + columnsOfWarp - 1) / columnsOfWarp;
        _launcher.PerWarp(RowsKernels.ScatterAdd<TTo, TToFormat, TFrom, TFromFormat>, rows * chunks, new ScatterArguments<TTo, TFrom>
        {
            Destination = View<TTo>(destination),
            Source = View<TFrom>(source),
            Firsts = View<int>(firsts),
            Ids = View<int>(ids),
            Rows = rows,
            TableRows = destination.Shape[0],
            Columns = columns,
            SkippedId = skippedId,
            Wide = Wide(columns, destination, source),
        });
    }

    private void RmsNorm<T, TFormat>(Tensor destination, Tensor inverseRms, Tensor source, Tensor weight, double epsilon)
        where T : unmanaged
        where TFormat : struct, IFormat<T> =>
        _launcher.PerWarp(RmsNormKernels.Forward<T, TFormat>, source.Shape[0], new RmsNormArguments<T>
        {
            Destination = View<T>(destination),
            InverseRms = View<float>(inverseRms),
            Source = View<T>(source),
            Weight = View<T>(weight),
            Rows = source.Shape[0],
            Columns = source.Shape[1],
            Epsilon = (float)epsilon,
            Wide = Wide(source.Shape[1], destination, source, weight),
        });

    private void RmsNormBackward<T, TFormat>(
        Tensor sourceGradient, WriteMode mode, Tensor gradient, Tensor source, Tensor inverseRms, Tensor weight)
        where T : unmanaged
        where TFormat : struct, IFormat<T> =>
        _launcher.PerWarp(RmsNormKernels.Backward<T, TFormat>, source.Shape[0], new RmsNormBackwardArguments<T>
        {
            Destination = View<T>(sourceGradient),
            Gradient = View<T>(gradient),
            Source = View<T>(source),
            InverseRms = View<float>(inverseRms),
            Weight = View<T>(weight),
            Rows = source.Shape[0],
            Columns = source.Shape[1],
            Adds = Flag(mode),
            Wide = Wide(source.Shape[1], sourceGradient, gradient, source, weight),
        });

    /// <summary>destination[c] (=|+=) sum over n of gradient[n, c], times source[n, c] * inverse[n] if a source is given.</summary>
    private void SumColumns<T, TFormat>(Tensor? destination, WriteMode mode, Tensor gradient, Tensor? source, Tensor? inverseRms)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        const int FewestRowsPerPart = 16;
        const int MostParts = 512;
        if (destination is null || destination.Count == 0)
        {
            return;
        }

        int rows = gradient.Shape[0];
        int columns = gradient.Shape[1];
        int rowsPerPart = Math.Max(FewestRowsPerPart, (rows + MostParts - 1) / MostParts);
        int parts = (rows + rowsPerPart - 1) / rowsPerPart;
        using var scope = new TensorScope(this);
        Tensor sums = scope.Allocate(new Shape(Math.Max(parts, 1), columns), ElementType.Float32);
        _launcher.PerThread(ColumnSumKernels.Parts<T, TFormat>, parts * Octets(columns), new ColumnPartsArguments<T>
        {
            Parts = View<float>(sums),
            Gradient = View<T>(gradient),
            Source = View<T>(source ?? gradient),
            InverseRms = View<float>(inverseRms ?? sums),
            Rows = rows,
            Columns = columns,
            RowsPerPart = rowsPerPart,
            PartCount = parts,
            Weighted = source is null ? 0 : 1,
            Wide = Wide(columns, gradient, source ?? gradient),
            WideParts = Wide(columns, sums),
        });
        if (destination.Type == ElementType.BFloat16)
        {
            TotalColumns<ushort, BFloat16Format>(destination, mode, sums, parts);
        }
        else
        {
            TotalColumns<float, Float32Format>(destination, mode, sums, parts);
        }
    }

    private void TotalColumns<T, TFormat>(Tensor destination, WriteMode mode, Tensor sums, int parts)
        where T : unmanaged
        where TFormat : struct, IFormat<T> =>
        _launcher.PerThread(ColumnSumKernels.Total<T, TFormat>, destination.Count, new ColumnTotalArguments<T>
        {
            Destination = View<T>(destination), Parts = View<float>(sums), Columns = sums.Shape[1], PartCount = parts, Adds = Flag(mode),
        });

    private void Rotate<T, TFormat>(Tensor packed, RotateArguments arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int half = arguments.Cosine.Shape[1];
        int size = packed.Shape[3];
        int rows = packed.Shape[0] * packed.Shape[1];
        _launcher.PerThread(
            RotateKernels.Rotate<T, TFormat>, rows * arguments.HeadCount * Octets(half), new RotateKernelArguments<T>
            {
                Packed = View<T>(packed),
                Cosine = View<float>(arguments.Cosine),
                Sine = View<float>(arguments.Sine),
                Positions = View<int>(arguments.Positions),
                Rows = rows,
                RowLength = packed.Shape[2] * size,
                FirstHead = arguments.FirstHead,
                Heads = arguments.HeadCount,
                HeadLength = size,
                Half = half,
                TableRows = arguments.Cosine.Shape[0],
                Sign = arguments.Transposed ? -1 : 1,
                Wide = half % Octet.Length == 0 ? Wide(size, packed) : 0,
                WideTables = Wide(half, arguments.Cosine, arguments.Sine),
            });
    }
}
