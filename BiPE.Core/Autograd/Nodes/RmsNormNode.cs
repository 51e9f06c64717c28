using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

public sealed partial class Tape
{
    /// <summary>Root-mean-square norm of each row; see <see cref="ITensorBackend.RmsNorm"/>.</summary>
    /// <param name="x"><c>[N, C]</c>.</param>
    /// <param name="weight"><c>[C]</c>.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <returns><c>[N, C]</c>.</returns>
    public Variable RmsNorm(Variable x, Variable weight, double epsilon)
    {
        Use(x);
        Use(weight);
        Tensor inverseRms = Scope.Allocate(new Shape(x.Shape[0]), Backend.Info.StatisticsType);
        return Record(
            Compute(), x.RequiresGradient || weight.RequiresGradient, output => new RmsNormNode(output, x, weight, inverseRms),
            new Recomputation(Scope, Compute, IsProduct: false));

        Tensor Compute()
        {
            Tensor value = Scope.Allocate(x.Shape);
            Backend.RmsNorm(value, inverseRms, x.Value, weight.Value, epsilon);
            return value;
        }
    }

    private sealed class RmsNormNode(Variable output, Variable x, Variable weight, Tensor inverseRms) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients)
        {
            WriteMode weightMode = WriteMode.Overwrite;
            Tensor? weightGradient = weight.RequiresGradient ? gradients.Open(weight, out weightMode) : null;
            if (x.RequiresGradient)
            {
                Tensor destination = gradients.Open(x, out WriteMode mode);
                backend.RmsNormBackward(
                    destination, mode, weightGradient, weightMode, gradients.OfOutput, x.Value, inverseRms, weight.Value);
            }
            else
            {
                Tensor unused = gradients.Allocate(x.Shape);
                backend.RmsNormBackward(
                    unused, WriteMode.Overwrite, weightGradient, weightMode, gradients.OfOutput, x.Value, inverseRms, weight.Value);
                gradients.Release(unused);
            }
        }

        public override void ReleaseSaved(TensorScope scope) => scope.Release(inverseRms);
    }
}
