using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

/// <summary>
/// Runs operations and, if it records, remembers how to differentiate them: one list a step, walked once backwards. Layers are
/// written once; evaluation runs them on a tape that does not record and gives intermediates back as soon as a block ends.
/// </summary>
public sealed partial class Tape : IDisposable
{
    /// <summary>Memory that a chunk of logits takes at most, unless asked otherwise.</summary>
    public const long DefaultChunkBytes = 32L << 20;

    private readonly List<TapeNode> _nodes = [];
    private readonly Gradients _gradients;
    private readonly bool _ownsScope;

    /// <summary>Opens a tape.</summary>
    /// <param name="backend">Where to compute.</param>
    /// <param name="isRecording">Whether the operations will be differentiated.</param>
    public Tape(ITensorBackend backend, bool isRecording)
        : this(new TensorScope(backend), isRecording, gradients: null, ownsScope: true)
    {
    }

    private Tape(TensorScope scope, bool isRecording, Gradients? gradients, bool ownsScope)
    {
        Scope = scope;
        IsRecording = isRecording;
        _gradients = gradients ?? new Gradients(scope);
        _ownsScope = ownsScope;
    }

    /// <summary>Where to compute.</summary>
    public ITensorBackend Backend => Scope.Backend;

    /// <summary>Whether operations are remembered.</summary>
    public bool IsRecording { get; }

    /// <summary>Owner of everything the tape allocates.</summary>
    public TensorScope Scope { get; }

    /// <summary>Stops before a block.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Number of recorded operations.</summary>
    public int NodeCount => _nodes.Count;

    /// <summary>A variable without gradient.</summary>
    /// <param name="value">Its value.</param>
    public static Variable Constant(Tensor value) => new(value, requiresGradient: false);

    /// <summary>Runs a block of operations. Without recording, what it allocated is given back at its end, but for the result.</summary>
    /// <param name="block">The operations; they must not keep variables but the result.</param>
    /// <param name="input">Their input.</param>
    /// <exception cref="OperationCanceledException"><see cref="Cancellation"/> was cancelled.</exception>
    public Variable Block(Func<Tape, Variable, Variable> block, Variable input)
    {
        ArgumentNullException.ThrowIfNull(block);
        Cancellation.ThrowIfCancellationRequested();
        return IsRecording ? block(this, input) : RunInOwnScope(block, input);
    }

    /// <summary>
    /// As <see cref="Block"/>, but keeps only the input and runs the block again in the backward pass (Chen et al. 2016, arXiv
    /// 1604.06174). The gradients' bits are the same.
    /// </summary>
    /// <param name="block">The operations: deterministic, without other effects.</param>
    /// <param name="input">Their input.</param>
    public Variable Checkpoint(Func<Tape, Variable, Variable> block, Variable input)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(input);
        Variable result = RunInOwnScope(block, input);
        if (!IsRecording)
        {
            return result;
        }

        var output = new Variable(result.Value, requiresGradient: true);
        Use(input);
        _nodes.Add(new CheckpointNode(this, output, input, block));
        return output;
    }

    /// <summary>
    /// Gives a variable's memory back early. While recording, that is done only to a value that the backward pass can compute again from
    /// others, in the same bits: the outputs of norms and gates, at the cost of a pass over memory.
    /// </summary>
    /// <param name="variable">A variable that no operation will read any more, and whose memory no other variable shares.</param>
    /// <param name="recomputesProduct">Whether a matrix product may be computed again for it too.</param>
    public void Discard(Variable variable, bool recomputesProduct = false)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (!IsRecording)
        {
            Scope.Release(variable.Value);
        }
        else if (variable.Recomputation is { } recomputation && (recomputesProduct || !recomputation.IsProduct))
        {
            variable.Forget();
        }
    }

    /// <summary>Differentiates the recorded losses; parameters' gradients are added to. The tape is empty afterwards.</summary>
    public void Backward() => Walk();

    /// <summary>Differentiates from a given gradient of an output; the tape is empty afterwards.</summary>
    /// <param name="output">A recorded variable.</param>
    /// <param name="gradient">Its gradient, of its shape; copied.</param>
    public void Backward(Variable output, Tensor gradient)
    {
        ArgumentNullException.ThrowIfNull(output);
        Tensor seed = _gradients.Open(output, out _);
        Backend.Copy(seed, gradient);
        Walk();
    }

    /// <summary>Gradient of a variable that no operation made, after <see cref="Backward()"/>; null if none reached it. It lives as long as the tape.</summary>
    /// <param name="variable">An input of the computation.</param>
    public Tensor? GradientOf(Variable variable) => _gradients.Find(variable);

    /// <summary>Gives everything the tape allocated back.</summary>
    public void Dispose()
    {
        if (_ownsScope)
        {
            Scope.Dispose();
        }
    }

    private void Walk()
    {
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            TapeNode node = _nodes[i];
            _nodes.RemoveAt(i);
            if (_gradients.BeginNode(node))
            {
                node.Backward(Backend, _gradients);
                _gradients.EndNode();
            }

            // Whatever read this output came later on the tape and is done.
            node.ReleaseSaved(Scope);
            if (!node.IsLoss && node.Output.HeldValue is { } value && !_gradients.Holds(value))
            {
                Scope.Release(value);
            }
        }
    }

    private Variable RunInOwnScope(Func<Tape, Variable, Variable> block, Variable input)
    {
        using var scope = new TensorScope(Backend, Scope);
        var tape = new Tape(scope, isRecording: false, gradients: null, ownsScope: false);
        Variable result = block(tape, input);
        scope.Keep(result.Value);
        return result;
    }

    private void Replay(Func<Tape, Variable, Variable> block, Variable input, Tensor outputGradient)
    {
        using var scope = new TensorScope(Backend, Scope);
        var tape = new Tape(scope, isRecording: true, _gradients, ownsScope: false);
        var replayed = new Variable(input.Value, input.RequiresGradient);
        Variable output = block(tape, replayed);
        _gradients.Give(output, outputGradient);
        tape.Walk();
        _gradients.KeepFrom(scope);
        if (_gradients.Take(replayed) is { } gradient)
        {
            _gradients.Give(input, gradient);
        }
    }

    private Variable Record(Tensor value, bool requiresGradient, Func<Variable, TapeNode> node, Recomputation? recomputation = null)
    {
        bool records = IsRecording && requiresGradient;
        var output = new Variable(value, records) { Recomputation = records ? recomputation : null };
        if (records)
        {
            _nodes.Add(node(output));
        }

        return output;
    }

    private static void Use(Variable variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (variable.IsTakenOver)
        {
            throw new InvalidOperationException("The variable's memory was taken over by an operation in place; its value is lost.");
        }

        variable.UseCount++;
    }

    /// <summary>Marks a variable as the input of an operation in place.</summary>
    private void TakeOver(Variable variable)
    {
        Use(variable);
        if (variable.UseCount > 1 || (IsRecording && variable.IsSavedByProducer) || variable is Parameter)
        {
            throw new InvalidOperationException("An operation in place needs a variable that nothing else reads, neither another operation nor the gradient of the one that made it.");
        }

        variable.IsTakenOver = true;
    }

    private sealed class CheckpointNode(Tape tape, Variable output, Variable input, Func<Tape, Variable, Variable> block) : TapeNode(output)
    {
        public override void Backward(ITensorBackend backend, Gradients gradients) => tape.Replay(block, input, gradients.HandOver());
    }
}
