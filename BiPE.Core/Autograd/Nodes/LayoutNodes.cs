using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>The rows of a variable in another order.</summary>
    /// <param name="x">Rows of one length, in any shape.</param>
    /// <param name="order">Int32, a number for each row: which row of x each row of the result is; each occurs once.</param>
    /// <param name="inverse">Int32: which row of the result each row of x becomes.</param>
    /// <param name="shape">Extents of the result, as many elements as x.</param>
    public Variable PermuteRows(Variable x, Tensor order, Tensor inverse, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(order);
        Use(x);
        Tensor value = Scope.Allocate(shape, x.Value.Type);
        Backend.GatherRows(AsRows(value, order), AsRows(x.Value, order), order);
        return Record(value, x.RequiresGradient, output => new PermuteRowsNode(output, x, inverse));
    }

    /// <summary>A copy of some of the outermost axis.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="start">First index.</param>
    /// <param name="count">How many.</param>
    public Variable Slice(Variable x, int start, int count)
    {
        Use(x);
        Tensor value = Scope.Allocate(x.Shape.WithFirst(count), x.Value.Type);
        Backend.Copy(value, x.Value.Slice(start, count));
        return Record(value, x.RequiresGradient, output => new SliceNode(output, x, start, count));
    }

    /// <summary>The same numbers in another element type; the variable itself if it has that type.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="type">The type wanted.</param>
    public Variable Convert(Variable x, ElementType type)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Value.Type == type)
        {
            return x;
        }

        Use(x);
        Tensor value = Scope.Allocate(x.Shape, type);
        Backend.Convert(value, x.Value);
        return Record(value, x.RequiresGradient, output => new ConvertNode(output, x));
    }

    /// <summary>The same numbers in another shape, in the same memory.</summary>
    /// <param name="x">Any shape; nothing else may read it.</param>
    /// <param name="shape">As many elements.</param>
    public Variable Reshape(Variable x, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(x);
        TakeOver(x);
        var value = new Tensor(x.Value.Buffer, shape, x.Value.Type, x.Value.Offset);
        return Record(value, x.RequiresGradient, output => new ReshapeNode(output, x));
    }

    /// <summary>Elements of a variable by their number.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="ids">Int32: number of the element of x that each element of the result is.</param>
    /// <param name="shape">Extents of the result.</param>
    public Variable GatherElements(Variable x, Tensor ids, Shape shape)
    {
        ArgumentNullException.ThrowIfNull(ids);
        Use(x);
        Tensor value = Scope.Allocate(shape, x.Value.Type);
        Backend.GatherRows(AsColumn(value), AsColumn(x.Value), ids);
        return Record(value, x.RequiresGradient, output => new GatherElementsNode(output, x, ids));
    }

    private static Tensor AsRows(Tensor tensor, Tensor order) => tensor.Reshape((int)order.Count, (int)(tensor.Count / order.Count));

    private static Tensor AsColumn(Tensor tensor) => tensor.Reshape(checked((int)tensor.Count), 1);

    private sealed class ReshapeNode(Variable output, Variable x) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients) => gradients.Give(x, gradients.OfOutput);
    }

    private sealed class PermuteRowsNode(Variable output, Variable x, Tensor inverse) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            Tensor gradient = gradients.Allocate(x.Shape, x.Value.Type);
            backend.GatherRows(AsRows(gradient, inverse), AsRows(gradients.OfOutput, inverse), inverse);
            gradients.Give(x, gradient);
        }
    }

    private sealed class SliceNode(Variable output, Variable x, int start, int count) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            Tensor gradient = gradients.Open(x, out WriteMode mode);
            if (mode == WriteMode.Overwrite)
            {
                backend.Fill(gradient, 0);
            }

            backend.AddScaled(gradient.Slice(start, count), gradients.OfOutput, 1);
        }
    }

    private sealed class ConvertNode(Variable output, Variable x) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            // A parameter's gradient may have the type of the result and not of the value.
            Tensor destination = gradients.Open(x, out WriteMode mode);
            if (destination.Type == gradients.OfOutput.Type)
            {
                Write(gradients.OfOutput);
                return;
            }

            Tensor converted = gradients.Allocate(x.Shape, destination.Type);
            backend.Convert(converted, gradients.OfOutput);
            Write(converted);
            gradients.Release(converted);

            void Write(Tensor gradient)
            {
                if (mode == WriteMode.Overwrite)
                {
                    backend.Copy(destination, gradient);
                }
                else
                {
                    backend.AddScaled(destination, gradient, 1);
                }
            }
        }
    }

    private sealed class GatherElementsNode(Variable output, Variable x, Tensor ids) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            Tensor gradient = gradients.Open(x, out WriteMode mode);
            backend.ScatterAddRows(AsColumn(gradient), AsColumn(gradients.OfOutput), ids, skippedId: -1, mode);
        }
    }
}
