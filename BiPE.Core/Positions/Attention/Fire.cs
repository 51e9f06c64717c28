using System.Globalization;
using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>
/// A learned function of the normalised logarithmic distance (FIRE: Li et al. 2023, arXiv 2310.04418):
/// bias[h, i, j] = f[h](log(c (i - j) + 1) / log(c max(L, i) + 1)) for a query at i and a key at j; f is a perceptron with one hidden
/// layer, c and the threshold L are learned. Layers share it.
/// </summary>
/// <remarks>
/// c and L stay positive as e^x of what is learned. The perceptron has no bias in its last layer: one number for a whole head leaves the
/// softmax as it is. The table has a number for each pair of positions; between segments they are few, over tokens it takes memory and
/// time that grow with the square of the length.
/// </remarks>
public sealed class Fire : IAttentionEncoding
{
    private const int Granularity = 16;
    private const int DefaultWidth = 32;

    /// <summary>Distance of 1 to the next number of float32; 1 + c L must not be 1, whose logarithm is divided by.</summary>
    private const double SmallestProduct = 1.0 / (1 << 23);

    private readonly PositionStream _over;
    private readonly Parameter _logC;
    private readonly Parameter _logThreshold;
    private readonly Parameter _inputWeight;
    private readonly Parameter _inputBias;
    private readonly Parameter _outputWeight;

    private Fire(EncodingContext context)
    {
        _over = context.Over;
        int width = context.Integer("width");
        double c = context.Number("initial_c");
        double threshold = context.NumberOr("initial_threshold", context.Config.TrainScale);
        if (c * threshold < SmallestProduct)
        {
            throw new BipeException(
                $"position.attention.initial_c ({Text(c)}) times initial_threshold ({Text(threshold)}) is {Text(c * threshold)}, expected at least {Text(SmallestProduct)}, since fire divides by log(1 + this product) in float32; raise one of them.");
        }

        _logC = Scalar("log_c", Math.Log(c));
        _logThreshold = Scalar("log_threshold", Math.Log(threshold));

        // Uniform in -1 / sqrt(inputs) .. 1 / sqrt(inputs), as the authors' framework starts linear layers, has this deviation.
        _inputWeight = New("input.weight", new Shape(width, 1), ParameterRole.Linear, 1 / Math.Sqrt(3));
        _inputBias = New("input.bias", new Shape(width), ParameterRole.Bias, 1 / Math.Sqrt(3));
        _outputWeight = New("output.weight", new Shape(context.Config.HeadCount, width), ParameterRole.Linear, 1 / Math.Sqrt(3.0 * width));

        Parameter New(string name, Shape shape, ParameterRole role, double deviation) =>
            new(context.Backend, $"model.fire.{name}", shape, context.Backend.Info.StatisticsType) { Role = role, InitialDeviation = deviation };

        Parameter Scalar(string name, double initial) => new(context.Backend, $"model.fire.{name}", new Shape(1, 1), context.Backend.Info.StatisticsType)
        {
            Role = ParameterRole.Position,
            InitialValues = [(float)initial],
        };

        static string Text(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
    }

    /// <summary>Its description.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "fire", "a learned function of the normalised logarithmic distance; over tokens a table of all pairs", "Li et al. 2023, arXiv 2310.04418", context => new Fire(context))
    {
        // Distances and their normalised logarithms; the hidden layer before and after its function; the table and its gradient.
        NumbersPerPair = config => 8 + (2 * Width(config)) + (2 * config.HeadCount),
        Options =
        [
            new EncodingOption("width", DefaultWidth, 1, 4096, "hidden units of the perceptron") { IsInteger = true },
            new EncodingOption("initial_c", 0.1, 1e-6, 1e6, "c at the start"),
            new EncodingOption("initial_threshold", null, 1e-3, 1e9, "L at the start") { DefaultText = "train_scale" },
        ],
    };

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters => [_logC, _logThreshold, _inputWeight, _inputBias, _outputWeight];

    /// <inheritdoc/>
    /// <exception cref="BipeException">The row is so long that the table of all pairs is larger than an array can be.</exception>
    public AttentionTerms Build(Tape tape, PositionStreams positions, AttentionShape shape)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(positions);
        ArgumentNullException.ThrowIfNull(shape);
        int count = (positions.Largest(_over) / Granularity * Granularity) + Granularity;
        int pairs = PositionTableSize.Of(count, count);
        Variable normalised = tape.Multiply(LogDistances(tape, count, pairs), InverseNormalisers(tape, count, pairs)); // [count * count, 1]
        Variable hidden = tape.Unary(tape.AddBiasInPlace(tape.MatMul(normalised, _inputWeight), _inputBias), UnaryKind.Relu);
        Variable table = tape.Reshape(tape.MatMul(_outputWeight, hidden), new Shape(shape.HeadCount, count, count));
        return new AttentionTerms(null, new AttentionBiasVariable(AttentionBiasKind.PerPair, table, positions.Upload(tape, _over)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>log(c (i - j) + 1) of every pair; what is masked has distance 0.</summary>
    private Variable LogDistances(Tape tape, int count, int pairs)
    {
        Variable distances = tape.ConstantTable(pairs, 1, (pair, _) => Math.Max((pair / count) - (pair % count), 0));
        return LogOfOneAnd(tape, tape.MatMul(distances, tape.Unary(_logC, UnaryKind.Exp)));
    }

    /// <summary>1 / log(c max(L, i) + 1) of the query of every pair.</summary>
    private Variable InverseNormalisers(Tape tape, int count, int pairs)
    {
        // max(L, i) = i + relu(L - i).
        Variable threshold = tape.MatMul(tape.ConstantTable(count, 1, (_, _) => 1), tape.Unary(_logThreshold, UnaryKind.Exp));
        Variable beyond = tape.Unary(tape.Add(threshold, tape.ConstantTable(count, 1, (query, _) => -query)), UnaryKind.Relu);
        Variable length = tape.Add(beyond, tape.ConstantTable(count, 1, (query, _) => query));
        Variable logarithm = LogOfOneAnd(tape, tape.MatMul(length, tape.Unary(_logC, UnaryKind.Exp)));
        Variable inverse = tape.Unary(tape.Scale(tape.Unary(logarithm, UnaryKind.Log), -1), UnaryKind.Exp);
        var queries = new int[pairs];
        for (int pair = 0; pair < queries.Length; pair++)
        {
            queries[pair] = pair / count;
        }

        Tensor ids = tape.Scope.Allocate(new Shape(queries.Length), ElementType.Int32);
        tape.Backend.Upload<int>(ids, queries);
        return tape.GatherRows(inverse, ids);
    }

    private static long Width(ModelConfig config) =>
        config.AttentionOptions is { } options && options.TryGetValue("width", out double width) ? (long)width : DefaultWidth;

    private static Variable LogOfOneAnd(Tape tape, Variable x) =>
        tape.Unary(tape.Add(x, tape.ConstantTable(x.Shape[0], 1, (_, _) => 1)), UnaryKind.Log);
}
