using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark.Cases;

/// <summary>What a training step does between its products: every operation goes over memory once, which limits it.</summary>
internal static class RowCases
{
    private const double Epsilon = 1e-5;
    private const int IgnoredLabel = -1;

    /// <summary>All of them.</summary>
    /// <param name="config">The model.</param>
    /// <param name="batch">Blocks of a step.</param>
    /// <param name="time">Tokens of a block.</param>
    public static IEnumerable<OperationCase> Of(ModelConfig config, int batch, int time) =>
        [.. Norms(config, batch * time), .. Gates(config, batch * time), Rotate(config, batch, time), CrossEntropy(config, batch * time), .. Tables(config, batch * time), .. Updates(config)];

    private static IEnumerable<OperationCase> Norms(ModelConfig config, int rows)
    {
        int columns = config.HiddenSize;
        yield return new OperationCase($"RmsNorm {rows} x {columns}", OperationLimit.Copy, operands =>
        {
            TensorSet y = operands.Filled(0, rows, columns);
            TensorSet x = operands.Random(rows, columns);
            Tensor weight = operands.SharedRandom(columns);
            Tensor inverse = operands.Statistics(0, rows);
            return turn => operands.Backend.RmsNorm(y[turn], inverse, x[turn], weight, Epsilon);
        });
        yield return new OperationCase($"RmsNormBackward {rows} x {columns}", OperationLimit.Copy, operands =>
        {
            TensorSet x = operands.Random(rows, columns);
            TensorSet ofX = operands.Filled(0, rows, columns);
            TensorSet ofY = operands.Random(rows, columns);
            Tensor weight = operands.SharedRandom(columns);
            Tensor inverse = operands.Statistics(1, rows);
            Tensor ofWeight = operands.Statistics(0, columns);
            return turn => operands.Backend.RmsNormBackward(
                ofX[turn], WriteMode.Overwrite, ofWeight, WriteMode.Overwrite, ofY[turn], x[turn], inverse, weight);
        });
        yield return new OperationCase($"AddScaled {rows} x {columns}", OperationLimit.Copy, operands =>
        {
            TensorSet sum = operands.Filled(0, rows, columns);
            TensorSet x = operands.Random(rows, columns);
            return turn => operands.Backend.AddScaled(sum[turn], x[turn], 1);
        });
    }

    private static IEnumerable<OperationCase> Gates(ModelConfig config, int rows)
    {
        int columns = config.IntermediateSize;
        yield return new OperationCase($"SwiGlu {rows} x {columns}", OperationLimit.Copy, operands =>
        {
            TensorSet y = operands.Filled(0, rows, columns);
            TensorSet gateUp = operands.Random(rows, 2 * columns);
            return turn => operands.Backend.SwiGlu(y[turn], gateUp[turn]);
        });

        // In place and again and again, other values would shrink to denormal ones.
        yield return new OperationCase($"SwiGluBackward {rows} x {columns}", OperationLimit.Copy, operands =>
        {
            TensorSet gateUp = operands.Filled(0, rows, 2 * columns);
            TensorSet ofY = operands.Random(rows, columns);
            return turn => operands.Backend.SwiGluBackward(gateUp[turn], ofY[turn], gateUp[turn]);
        });
    }

    private static OperationCase Rotate(ModelConfig config, int batch, int time)
    {
        int turned = config.HeadCount + config.KeyValueHeadCount;
        return new OperationCase($"Rotate {batch * time} x {turned} heads", OperationLimit.Copy, operands =>
        {
            TensorSet packed = operands.Random(batch, time, turned + config.KeyValueHeadCount, config.HeadDimension);
            Tensor cosine = operands.Statistics(0.6, time, config.HeadDimension / 2);
            Tensor sine = operands.Statistics(0.8, time, config.HeadDimension / 2);
            Tensor ids = operands.Integers([.. Enumerable.Range(0, batch * time).Select(i => i % time)], batch, time);
            return turn => operands.Backend.Rotate(packed[turn], new RotateArguments(0, turned, cosine, sine, ids));
        });
    }

    private static OperationCase CrossEntropy(ModelConfig config, int rows)
    {
        // As many rows as a chunk of logits has.
        int chunk = (int)Math.Clamp(Tape.DefaultChunkBytes / (config.VocabularySize * sizeof(float)), 1, rows);
        return new OperationCase($"CrossEntropy {chunk} x {config.VocabularySize}", OperationLimit.Copy, operands =>
        {
            TensorSet logits = operands.Filled(0, chunk, config.VocabularySize);
            Tensor losses = operands.Statistics(0, chunk);
            Tensor labels = operands.Integers(RandomText.Tokens(config, chunk), chunk);
            return turn => operands.Backend.CrossEntropy(losses, logits[turn], labels, new CrossEntropyOptions(IgnoredLabel, true));
        });
    }

    private static IEnumerable<OperationCase> Tables(ModelConfig config, int rows)
    {
        int columns = config.HiddenSize;
        yield return new OperationCase($"GatherRows {rows} x {columns}", OperationLimit.Copy, operands =>
        {
            Tensor table = operands.SharedRandom(config.VocabularySize, columns);
            TensorSet gathered = operands.Filled(0, rows, columns);
            TensorSet ids = operands.IntegersOfEach(count => RandomText.Tokens(config, count), rows);
            return turn => operands.Backend.GatherRows(gathered[turn], table, ids[turn]);
        });
        yield return new OperationCase($"ScatterAddRows {rows} x {columns}", OperationLimit.Copy, operands =>
        {
            Tensor gradient = operands.Statistics(0, config.VocabularySize, columns);
            TensorSet scattered = operands.Random(rows, columns);
            Tensor ids = operands.Integers(RandomText.Tokens(config, rows), rows);
            return turn => operands.Backend.ScatterAddRows(gradient, scattered[turn], ids, IgnoredLabel, WriteMode.Overwrite);
        });
    }

    // At the size of the largest tensor of most models.
    private static IEnumerable<OperationCase> Updates(ModelConfig config)
    {
        int count = checked(config.VocabularySize * config.HiddenSize);
        yield return new OperationCase($"SumOfSquares {count}", OperationLimit.Read, operands =>
        {
            TensorSet gradient = operands.RandomStatistics(count);
            Tensor sum = operands.Statistics(0, 1);
            return turn => operands.Backend.SumOfSquares(sum, [gradient[turn]]);
        });
        yield return new OperationCase($"AdamWStep {count}", OperationLimit.Copy, operands =>
        {
            bool hasCopy = operands.Backend.Info.ActivationType != operands.Backend.Info.StatisticsType;
            var tensors = new AdamWTensors(
                operands.RandomStatistics(count)[0], operands.RandomStatistics(count)[0], operands.Statistics(0, count),
                operands.Statistics(0, count), hasCopy ? operands.Filled(0, count)[0] : null);
            Tensor sum = operands.Statistics(1, 1);
            return _ => operands.Backend.AdamWStep(tensors, sum, new AdamWOptions(1, 1e-4, 0.9, 0.999, 1e-8, 0.01, 1));
        });
    }
}
