using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

/// <summary>Gradients of one backward pass. The first write to a gradient replaces, later ones add.</summary>
public sealed class Gradients
{
    private readonly TensorScope _scope;
    private readonly Dictionary<Variable, Tensor> _tensors = new(ReferenceEqualityComparer.Instance);
    private Tensor? _ofOutput;

    internal Gradients(TensorScope scope) => _scope = scope;

    /// <summary>Gradient of the output of the node whose turn it is.</summary>
    public Tensor OfOutput => _ofOutput ?? throw new InvalidOperationException("The node's output has no gradient.");

    /// <summary>Where to write the gradient of a variable; asked for only if it requires one.</summary>
    /// <param name="variable">The variable.</param>
    /// <param name="mode">Whether to replace or add.</param>
    public Tensor Open(Variable variable, out WriteMode mode)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (variable is Parameter parameter)
        {
            return parameter.OpenGradient(out mode);
        }

        if (_tensors.TryGetValue(variable, out Tensor? gradient))
        {
            mode = WriteMode.Accumulate;
            return gradient;
        }

        mode = WriteMode.Overwrite;
        gradient = _scope.Allocate(variable.Shape, variable.Type);
        _tensors.Add(variable, gradient);
        return gradient;
    }

    /// <summary>Makes a tensor, or adds it to, the gradient of a variable; the tensor is taken over.</summary>
    /// <param name="variable">The variable; nothing happens if it requires no gradient.</param>
    /// <param name="gradient">A tensor of the scope of this pass, as many elements as the variable; <see cref="OfOutput"/> may be passed on so as the node's last act.</param>
    public void Give(Variable variable, Tensor gradient)
    {
        ArgumentNullException.ThrowIfNull(variable);
        ArgumentNullException.ThrowIfNull(gradient);
        bool passedOn = ReferenceEquals(gradient, _ofOutput);
        if (variable.RequiresGradient && variable is not Parameter && !_tensors.ContainsKey(variable))
        {
            _tensors.Add(variable, gradient.Shape == variable.Shape ? gradient : new Tensor(gradient.Buffer, variable.Shape, gradient.Type, gradient.Offset));
            _ofOutput = passedOn ? null : _ofOutput;
            return;
        }

        if (variable.RequiresGradient)
        {
            Tensor destination = Open(variable, out WriteMode mode);
            if (mode == WriteMode.Overwrite)
            {
                _scope.Backend.Copy(destination, gradient);
            }
            else
            {
                _scope.Backend.AddScaled(destination, gradient, 1);
            }
        }

        if (!passedOn)
        {
            _scope.Release(gradient);
        }
    }

    /// <summary>Allocates a tensor of this pass, to be given to <see cref="Give"/> or released.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="type">Element type; null for activations.</param>
    public Tensor Allocate(Shape shape, ElementType? type = null) => _scope.Allocate(shape, type);

    /// <summary>Gives a tensor of this pass back.</summary>
    /// <param name="tensor">The tensor.</param>
    public void Release(Tensor tensor) => _scope.Release(tensor);

    /// <summary>The output's gradient, now the caller's to give on.</summary>
    internal Tensor HandOver()
    {
        Tensor gradient = OfOutput;
        _ofOutput = null;
        return gradient;
    }

    internal bool BeginNode(TapeNode node)
    {
        if (_tensors.Remove(node.Output, out Tensor? gradient))
        {
            _ofOutput = gradient;
            return true;
        }

        return node.IsLoss;
    }

    internal void EndNode()
    {
        if (_ofOutput is not null)
        {
            _scope.Release(_ofOutput);
            _ofOutput = null;
        }
    }

    /// <summary>Whether a tensor's memory has become a gradient that is still needed.</summary>
    internal bool Holds(Tensor tensor) => _tensors.Values.Any(gradient => ReferenceEquals(gradient.Buffer, tensor.Buffer));

    /// <summary>Moves gradients out of a scope that ends.</summary>
    internal void KeepFrom(TensorScope scope)
    {
        foreach (Tensor gradient in _tensors.Values)
        {
            scope.Keep(gradient);
        }
    }

    internal Tensor? Find(Variable variable) => _tensors.GetValueOrDefault(variable);

    internal Tensor? Take(Variable variable) => _tensors.Remove(variable, out Tensor? gradient) ? gradient : null;
}
