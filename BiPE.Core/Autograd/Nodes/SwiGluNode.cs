using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>silu(gate) * up.</summary>
    /// <param name="gateUp"><c>[N, 2F]</c>: gate, then up.</param>
    /// <returns><c>[N, F]</c>.</returns>
    public Variable SwiGlu(Variable gateUp)
    {
        Use(gateUp);
        return Record(
            Compute(), gateUp.RequiresGradient, output => new SwiGluNode(output, gateUp), new Recomputation(Scope, Compute, IsProduct: false));

        Tensor Compute()
        {
            Tensor value = Scope.Allocate(new Shape(gateUp.Shape[0], gateUp.Shape[1] / 2));
            Backend.SwiGlu(value, gateUp.Value);
            return value;
        }
    }

    private sealed class SwiGluNode(Variable output, Variable gateUp) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            Tensor gradient = gradients.OfOutput;
            if (gateUp.UseCount == 1 && !gateUp.IsSavedByProducer && gateUp is not Parameter)
            {
                // Nothing reads the widest activation of a layer again, so its memory becomes its gradient.
                backend.SwiGluBackward(gateUp.Value, gradient, gateUp.Value);
                gradients.Give(gateUp, gateUp.Value);
                return;
            }

            Tensor destination = gradients.Allocate(gateUp.Shape);
            backend.SwiGluBackward(destination, gradient, gateUp.Value);
            gradients.Give(gateUp, destination);
        }
    }
}
