using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>a + b.</summary>
    /// <param name="a">Any shape.</param>
    /// <param name="b">Same shape.</param>
    public Variable Add(Variable a, Variable b)
    {
        Use(a);
        Use(b);
        Tensor value = Scope.Allocate(a.Shape, a.Value.Type);
        Backend.Add(value, a.Value, b.Value);
        return Record(value, a.RequiresGradient || b.RequiresGradient, output => new AddNode(output, a, b));
    }

    /// <summary>a * b, elementwise.</summary>
    /// <param name="a">Any shape.</param>
    /// <param name="b">Same shape.</param>
    public Variable Multiply(Variable a, Variable b)
    {
        Use(a);
        Use(b);
        Tensor value = Scope.Allocate(a.Shape, a.Value.Type);
        Backend.Multiply(value, a.Value, b.Value);
        return Record(value, a.RequiresGradient || b.RequiresGradient, output => new MultiplyNode(output, a, b));
    }

    /// <summary>alpha * x.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="alpha">Factor.</param>
    public Variable Scale(Variable x, double alpha)
    {
        Use(x);
        Tensor value = Scope.Allocate(x.Shape, x.Value.Type);
        Backend.Scale(value, x.Value, alpha);
        return Record(value, x.RequiresGradient, output => new ScaleNode(output, x, alpha));
    }

    /// <summary>f(x), elementwise.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="kind">The function f.</param>
    public Variable Unary(Variable x, UnaryKind kind)
    {
        Use(x);
        Tensor value = Scope.Allocate(x.Shape, x.Value.Type);
        Backend.Unary(value, x.Value, kind);
        return Record(value, x.RequiresGradient, output => new UnaryNode(output, x, kind));
    }

    private sealed class AddNode(Variable output, Variable a, Variable b) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            if (a.RequiresGradient)
            {
                Tensor destination = gradients.Open(a, out WriteMode mode);
                if (mode == WriteMode.Overwrite)
                {
                    backend.Copy(destination, gradients.OfOutput);
                }
                else
                {
                    backend.AddScaled(destination, gradients.OfOutput, 1);
                }
            }

            gradients.Give(b, gradients.OfOutput);
        }
    }

    private sealed class MultiplyNode(Variable output, Variable a, Variable b) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            AddTo(a, b);
            AddTo(b, a);

            void AddTo(Variable factor, Variable other)
            {
                if (factor.RequiresGradient)
                {
                    Tensor destination = gradients.Open(factor, out WriteMode mode);
                    backend.Multiply(destination, gradients.OfOutput, other.Value, mode);
                }
            }
        }
    }

    private sealed class ScaleNode(Variable output, Variable x, double alpha) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            backend.Scale(gradients.OfOutput, gradients.OfOutput, alpha);
            gradients.Give(x, gradients.OfOutput);
        }
    }

    private sealed class UnaryNode(Variable output, Variable x, UnaryKind kind) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            backend.UnaryBackward(gradients.OfOutput, gradients.OfOutput, x.Value, kind);
            gradients.Give(x, gradients.OfOutput);
        }
    }
}
