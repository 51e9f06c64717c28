using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

/// <summary>
/// A learned tensor: its value, its gradient, and how it is named and decayed. Where activations are narrower than statistics, the
/// value is a copy of master weights, which alone are trained and saved; in a model that only evaluates there is no other. Its model gives
/// all tensors back.
/// </summary>
public sealed class Parameter : Variable
{
    private readonly ITensorBackend _backend;
    private Tensor? _gradient;

    /// <summary>Allocates a parameter, its value undefined.</summary>
    /// <param name="backend">Where it lives.</param>
    /// <param name="name">Name, unique in its model.</param>
    /// <param name="shape">Extents.</param>
    /// <param name="type">Element type of its value; null for that of activations.</param>
    public Parameter(ITensorBackend backend, string name, Shape shape, ElementType? type = null)
        : this(backend, name, shape, type, hasMaster: true)
    {
    }

    /// <summary>Allocates a matrix, its value undefined.</summary>
    /// <param name="backend">Where it lives.</param>
    /// <param name="name">Name, unique in its model.</param>
    /// <param name="shape">Rows and columns.</param>
    /// <param name="isFrozen">Whether it is never trained, and then stored once, in <see cref="BackendInfo.FrozenType"/>.</param>
    public Parameter(ITensorBackend backend, string name, Shape shape, bool isFrozen)
        : this(backend, name, shape, isFrozen ? FrozenTypeOf(backend) : null, hasMaster: !isFrozen) => IsFrozen = isFrozen;

    private Parameter(ITensorBackend backend, string name, Shape shape, ElementType? type, bool hasMaster)
        : base(Allocate(backend, shape, type), requiresGradient: true)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _backend = backend;
        Master = !hasMaster || Value.Type == backend.Info.StatisticsType ? Value : backend.Allocate(shape, backend.Info.StatisticsType);
        Name = name;
        Parts = [new ParameterPart(name, 0, shape[0])];
    }

    /// <summary>What is trained and saved: of the statistics type, but for matrices of a model that only evaluates. The value itself where there is no other.</summary>
    public Tensor Master { get; }

    /// <summary>The value as a copy of <see cref="Master"/> that a training step has to write, or null if they are one.</summary>
    public Tensor? ComputeCopy => ReferenceEquals(Master, Value) ? null : Value;

    /// <summary>Name, unique in its model.</summary>
    public string Name { get; }

    /// <summary>The pieces of the outermost axis that checkpoints name one by one; the parameter itself if it is not packed.</summary>
    public IReadOnlyList<ParameterPart> Parts { get; init; }

    /// <summary>What the parameter does, for weight decay and initialisation.</summary>
    public ParameterRole Role { get; init; } = ParameterRole.Linear;

    /// <summary>Numbers that it starts with, as many as it has, where its role does not decide them; or null.</summary>
    public IReadOnlyList<float>? InitialValues { get; init; }

    /// <summary>Standard deviation of the normal numbers that it starts with, where it is not the model's; or null.</summary>
    public double? InitialDeviation { get; init; }

    /// <summary>Row that starts at zero and gets no gradient (padding), or -1.</summary>
    public int PaddingRow { get; init; } = -1;

    /// <summary>Whether it stays as it is in training.</summary>
    public bool IsFrozen { get; set; }

    /// <inheritdoc/>
    public override bool RequiresGradient => !IsFrozen;

    /// <summary>Whether <see cref="Gradient"/> holds something since the last <see cref="ClearGradient"/>.</summary>
    public bool HasGradient { get; private set; }

    /// <summary>
    /// Gradient of the parameter's shape, of the statistics type, allocated at first use and given back by <see cref="ClearGradient"/>; undefined
    /// while <see cref="HasGradient"/> is false.
    /// </summary>
    public Tensor Gradient => _gradient ??= _backend.Allocate(Shape, _backend.Info.StatisticsType);

    /// <summary>Where an operation writes the gradient: it replaces the old content the first time and is added to after.</summary>
    /// <param name="mode">Whether to replace or add.</param>
    public Tensor OpenGradient(out WriteMode mode)
    {
        mode = HasGradient ? WriteMode.Accumulate : WriteMode.Overwrite;
        HasGradient = true;
        return Gradient;
    }

    /// <summary>
    /// Forgets the gradient and gives its memory back: gradients appear one by one while the backward pass is done with activations, whose
    /// places most of them can take where memory is joined (<see cref="BackendInfo.JoinsMemory"/>).
    /// </summary>
    public void ClearGradient()
    {
        HasGradient = false;
        if (_gradient is not null)
        {
            _backend.Release(_gradient);
            _gradient = null;
        }
    }

    /// <summary>Makes the value what <see cref="Master"/> now is; to be called by whoever wrote that other than by a training step.</summary>
    public void CopyFromMaster()
    {
        if (ComputeCopy is { } copy)
        {
            _backend.Convert(copy, Master);
        }
    }

    /// <summary>Gives value and gradient back; done by the model that made the parameter.</summary>
    public void Release()
    {
        if (Value.Buffer.IsReleased)
        {
            return;
        }

        _backend.Release(Value);
        if (ComputeCopy is not null)
        {
            _backend.Release(Master);
        }

        ClearGradient();
    }

    private static ElementType FrozenTypeOf(ITensorBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return backend.Info.FrozenType;
    }

    private static Tensor Allocate(ITensorBackend backend, Shape shape, ElementType? type)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return backend.Allocate(shape, type ?? backend.Info.ActivationType);
    }
}
