using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Core.Tests.Evaluation;

/// <summary>A language model whose next token follows a table of bigram counts, and a text with exactly these counts.</summary>
internal static class BigramModel
{
    /// <summary>How often token u follows token v, [v][u]; every token comes as often as it goes.</summary>
    public static readonly int[][] Counts =
    [
        [4, 3, 0, 1, 2, 0],
        [2, 1, 5, 0, 1, 3],
        [1, 4, 2, 2, 0, 0],
        [2, 1, 0, 6, 1, 1],
        [1, 2, 1, 2, 3, 1],
        [0, 1, 1, 0, 3, 5],
    ];

    /// <summary>Entropy of the next token given the one before, in nats: what the text's mean loss must be.</summary>
    public static double Entropy
    {
        get
        {
            double total = Counts.Sum(row => row.Sum());
            return Counts.Sum(row => row.Where(count => count > 0).Sum(count => -count / total * Math.Log((double)count / row.Sum())));
        }
    }

    /// <summary>
    /// The layers add nothing, so that a token's normed state is its one-hot embedding over sqrt(1 / V + epsilon); the head turns that into
    /// the logarithms of the table's probabilities.
    /// </summary>
    /// <param name="backend">Where it lives.</param>
    public static LanguageModel Create(ITensorBackend backend)
    {
        int size = Counts.Length;
        var config = new ModelConfig
        {
            VocabularySize = size, HiddenSize = size, IntermediateSize = 4, LayerCount = 2, HeadCount = 1, KeyValueHeadCount = 1, RmsNormEpsilon = 1e-9,
        };
        var model = new LanguageModel(backend, config);
        foreach (Parameter parameter in model.Parameters)
        {
            bool addsToStream = parameter.Name.EndsWith("o_proj.weight", StringComparison.Ordinal) || parameter.Name.EndsWith("down_proj.weight", StringComparison.Ordinal);
            backend.Fill(parameter.Value, addsToStream ? 0 : 1);
        }

        double normed = 1 / Math.Sqrt((1.0 / size) + config.RmsNormEpsilon);
        var embedding = new double[size * size];
        var head = new double[size * size];
        for (int before = 0; before < size; before++)
        {
            embedding[(before * size) + before] = 1;
            for (int next = 0; next < size; next++)
            {
                double probability = (double)Counts[before][next] / Counts[before].Sum();
                head[(next * size) + before] = probability > 0 ? Math.Log(probability) / normed : -1000;
            }
        }

        backend.WriteDoubles(model.Parameters.Single(parameter => parameter.Name == "model.embed_tokens.weight").Value, embedding);
        backend.WriteDoubles(model.Parameters.Single(parameter => parameter.Name == "lm_head.weight").Value, head);
        return model;
    }

    /// <summary>A walk that takes every bigram as often as the table says (Hierholzer's Eulerian circuit).</summary>
    public static int[] Text()
    {
        int[][] left = [.. Counts.Select(row => row.ToArray())];
        var path = new Stack<int>([0]);
        var circuit = new List<int>();
        while (path.Count > 0)
        {
            int at = path.Peek();
            int next = Array.FindIndex(left[at], count => count > 0);
            if (next < 0)
            {
                circuit.Add(path.Pop());
            }
            else
            {
                left[at][next]--;
                path.Push(next);
            }
        }

        circuit.Reverse();
        return [.. circuit];
    }
}
