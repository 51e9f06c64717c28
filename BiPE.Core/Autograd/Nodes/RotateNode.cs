using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>Rotates heads of a packed variable, taking over its memory: nothing else may read it.</summary>
    /// <param name="packed"><c>[N, heads * headDim]</c>.</param>
    /// <param name="extents">The packed tensor as <c>[batch, time, heads, headDim]</c>.</param>
    /// <param name="rotations">Rotations, one after the other, each of its own heads.</param>
    public Variable RotateInPlace(Variable packed, Shape extents, IReadOnlyList<RotateArguments> rotations)
    {
        ArgumentNullException.ThrowIfNull(rotations);
        TakeOver(packed);
        Tensor value = packed.Value.Reshape(extents[0], extents[1], extents[2], extents[3]);
        foreach (RotateArguments rotation in rotations)
        {
            Backend.Rotate(value, rotation);
        }

        return Record(packed.Value, packed.RequiresGradient, output => new RotateNode(output, packed, extents, rotations));
    }

    private sealed class RotateNode(Variable output, Variable packed, Shape extents, IReadOnlyList<RotateArguments> rotations) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            Tensor gradient = gradients.OfOutput.Reshape(extents[0], extents[1], extents[2], extents[3]);
            foreach (RotateArguments rotation in rotations)
            {
                backend.Rotate(gradient, rotation with { Transposed = !rotation.Transposed });
            }

            gradients.Give(packed, gradients.OfOutput);
        }
    }
}
