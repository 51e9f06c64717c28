using BiPE.Core.Autograd;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Scores;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>
/// Causal attention from small operations, for encodings that must read the scores: they exist as a whole,
/// <c>[batch * heads, queries, keys]</c> of the statistics type, several times over. It gives what the fused operation gives.
/// </summary>
public static class ComposedAttention
{
    /// <summary>Tensors of the scores' size that CoPE keeps for the backward pass: scores, gates, positions, what is added, sum, weights.</summary>
    private const int KeptScores = 6;

    /// <summary>Added to the scores of keys of other documents: their weights and gates are exactly 0 then, and sums with it stay finite.</summary>
    private const float OtherDocument = -1e9f;

    /// <summary>Tensors of the scores' size that are there at once in evaluation: scores, positions, what is added.</summary>
    private const int WorkingScores = 3;

    /// <summary>Float32 numbers that CoPE keeps of a layer for the backward pass, for each token; they grow with the length.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="time">Tokens a row.</param>
    public static long KeptPerToken(ModelConfig config, int time)
    {
        ArgumentNullException.ThrowIfNull(config);

        // Beside scores: the mask of what is counted, queries by position, and queries, keys and values twice more.
        long packed = (config.HeadCount + (2L * config.KeyValueHeadCount)) * config.HeadDimension;
        return (KeptScores * (long)config.HeadCount * time) + time + ((long)config.HeadCount * Cope.RowsOf(config)) + (2 * packed);
    }

    /// <summary>Bytes that scores take in evaluation, in one layer after the other.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="queries">Tokens computed at once.</param>
    /// <param name="keys">Tokens of their rows that they look back on, themselves included.</param>
    public static long EvaluationBytes(ModelConfig config, int queries, int keys)
    {
        ArgumentNullException.ThrowIfNull(config);

        // Beside scores: queries by position.
        return sizeof(float) * (long)config.HeadCount * queries * ((WorkingScores * (long)keys) + Cope.RowsOf(config));
    }

    /// <summary>Attention of packed queries, keys and values, as <see cref="Tape.Attention"/>.</summary>
    /// <param name="tape">Runs the operations.</param>
    /// <param name="packed"><c>[N, (heads + 2 keyValueHeads) * headDim]</c>, rotated already.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="terms">Bias, score encoding and documents.</param>
    /// <param name="layer">Number of the layer.</param>
    /// <returns><c>[N, heads * headDim]</c>.</returns>
    public static Variable Attend(Tape tape, Variable packed, AttentionShape shape, AttentionTerms terms, int layer)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(packed);
        ArgumentNullException.ThrowIfNull(shape);
        int shared = shape.Batch * shape.KeyValueHeadCount;
        int queries = shape.Batch * shape.HeadCount;
        Variable split = Permute(
            tape, packed, HeadOrder.Of(shape.Batch, shape.Time, shape.HeadCount, shape.KeyValueHeadCount, shape.KeyValueHeadCount),
            new Shape(queries + (2 * shared), shape.Time, shape.HeadDimension));
        split = tape.Convert(split, tape.Backend.Info.StatisticsType);
        Variable attended = Compose(
            tape, tape.Slice(split, 0, queries), tape.Slice(split, queries, shared), tape.Slice(split, queries + shared, shared), shape, terms, layer);
        return Join(tape, attended, shape, packed.Value.Type);
    }

    /// <summary>Attention of one row's newest queries to all its keys so far.</summary>
    /// <param name="tape">Runs the operations; does not record.</param>
    /// <param name="query"><c>[1, queries, heads, headDim]</c>.</param>
    /// <param name="keys"><c>[1, keys, keyValueHeads, headDim]</c>.</param>
    /// <param name="values">As the keys.</param>
    /// <param name="shape">Sizes; its time is the number of queries.</param>
    /// <param name="terms">Bias and score encoding of these tokens.</param>
    /// <param name="layer">Number of the layer.</param>
    /// <returns><c>[queries, heads * headDim]</c>.</returns>
    public static Variable AttendCached(
        Tape tape, Tensor query, Tensor keys, Tensor values, AttentionShape shape, AttentionTerms terms, int layer)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(shape);
        return Join(tape, Compose(tape, Split(query), Split(keys), Split(values), shape, terms, layer), shape, query.Type);

        Variable Split(Tensor packed) => tape.Convert(
            Permute(
                tape, Tape.Constant(packed), HeadOrder.Of(1, packed.Shape[1], packed.Shape[2]), new Shape(packed.Shape[2], packed.Shape[1], packed.Shape[3])),
            tape.Backend.Info.StatisticsType);
    }

    private static Variable Compose(
        Tape tape, Variable query, Variable key, Variable value, AttentionShape shape, AttentionTerms terms, int layer)
    {
        Variable scaled = tape.Scale(query, shape.Scale);
        Variable scores = tape.BatchedMatMul(scaled, key, transposeB: true);
        tape.Discard(scaled);
        if (terms.Bias is { } bias)
        {
            Variable without = scores;
            scores = tape.Add(without, DenseBias.Of(tape, bias, shape.HeadCount, shape.Time));
            tape.Discard(without);
        }

        if (terms.Documents is { } documents)
        {
            Tensor mask = OtherDocuments(tape, documents, scores.Value.Type);
            scores = tape.ShiftInPlace(scores, mask);
            tape.Scope.Release(mask);
        }

        if (terms.Scores is { } reader)
        {
            Variable plain = scores;
            scores = reader.Encoding.Modify(tape, plain, query, reader, layer);
            tape.Discard(plain);
        }

        Variable weights = tape.SoftmaxRows(scores, causal: true);
        tape.Discard(scores);
        Variable attended = tape.BatchedMatMul(weights, value);
        tape.Discard(weights);
        return attended;
    }

    /// <summary><see cref="OtherDocument"/> where query and key are of different documents, else 0; <c>[batch, time, time]</c>.</summary>
    private static Tensor OtherDocuments(Tape tape, Tensor documents, ElementType type)
    {
        int time = documents.Shape[1];
        int[] numbers = tape.Backend.ReadIntegers(documents);
        var mask = new float[(long)numbers.Length * time];
        for (int query = 0; query < numbers.Length; query++)
        {
            ReadOnlySpan<int> row = numbers.AsSpan(query / time * time, time);
            Span<float> line = mask.AsSpan(query * time, time);
            for (int key = 0; key < time; key++)
            {
                line[key] = row[key] == numbers[query] ? 0 : OtherDocument;
            }
        }

        Tensor tensor = tape.Scope.Allocate(new Shape(documents.Shape[0], time, time), type);
        tape.Backend.WriteFloats(tensor, mask);
        return tensor;
    }

    private static Variable Join(Tape tape, Variable attended, AttentionShape shape, ElementType type)
    {
        HeadOrder order = HeadOrder.Of(shape.Batch, shape.Time, shape.HeadCount).Inverted();
        return Permute(tape, tape.Convert(attended, type), order, new Shape(shape.Batch * shape.Time, shape.HeadCount * shape.HeadDimension));
    }

    private static Variable Permute(Tape tape, Variable x, HeadOrder order, Shape shape) =>
        tape.PermuteRows(x, Upload(tape, order.Rows), Upload(tape, order.Places), shape);

    private static Tensor Upload(Tape tape, int[] ids)
    {
        Tensor tensor = tape.Scope.Allocate(new Shape(ids.Length), ElementType.Int32);
        tape.Backend.Upload<int>(tensor, ids);
        return tensor;
    }
}
