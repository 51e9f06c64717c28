using System.Text.Json;
using BiPE.Core.Data;
using BiPE.Core.Evaluation;
using BiPE.Core.Evaluation.Results;
using BiPE.Testing;

namespace BiPE.Core.Tests.Evaluation.Results;

public sealed class ResultsFileTests
{
    [Test]
    public void WhatIsWrittenIsReadBackBitForBit()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("new/results.jsonl");
        EvaluationRecord record = Record("a", 0.1 + 0.2);
        EvaluationPart part = Part("a", 3, 2);
        using (ResultsWriter writer = ResultsWriter.Open(path))
        {
            Assert.That(writer.Stored.Records, Is.Empty);
            writer.Append(part);
            writer.Append(record);
        }

        StoredResults stored = ResultsFile.Read(path);
        EvaluationRecord found = stored.Find("a")!;
        Assert.That(found with { Positions = record.Positions, Shares = record.Shares }, Is.EqualTo(record));
        Assert.That(found.Positions, Is.EqualTo(record.Positions));
        Assert.That(found.Shares.Loss, Is.EqualTo(record.Shares.Loss));
        Assert.That(found.Shares.Bytes, Is.Null);
        Assert.That(stored.Parts.Single() with { Positions = part.Positions, Shares = part.Shares }, Is.EqualTo(part));
        Assert.That(stored.Parts.Single().Positions, Is.EqualTo(part.Positions));
        Assert.That(File.ReadLines(path).Select(line => JsonElement.Parse(line).GetProperty("record").GetString()), Is.EqualTo(new[] { "part", "evaluation" }));
    }

    [Test]
    public void ALineCutShortDoesNotCountAndIsReplaced()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("results.jsonl");
        Append(path, Record("a", 1), Record("b", 2));
        byte[] whole = File.ReadAllBytes(path);
        int firstLine = Array.IndexOf(whole, (byte)'\n') + 1;
        foreach (int length in new[] { firstLine + 1, firstLine + 5, firstLine + 40, whole.Length - 1 })
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.That(ResultsFile.Read(path).Records.Select(record => record.Key), Is.EqualTo(new[] { "a" }));
            Append(path, Record("c", 3));
            Assert.That(ResultsFile.Read(path).Records.Select(record => record.Key), Is.EqualTo(new[] { "a", "c" }));
        }
    }

    [Test]
    public void AnyOtherBrokenLineIsNamed()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("results.jsonl");
        Append(path, Record("a", 1), Record("b", 2));
        string[] lines = File.ReadAllLines(path);
        foreach (string broken in new[] { "{", "[]", "{}", lines[0].Replace("\"version\":1", "\"version\":2"), lines[0].Replace("\"tokens\":[4,5]", "\"tokens\":[4]"), lines[0].Replace("\"key\":\"a\",", "") })
        {
            File.WriteAllLines(path, [lines[0], broken, lines[1]]);
            Assert.That(() => ResultsFile.Read(path), Throws.TypeOf<BipeException>().With.Message.Contains("line 2"), broken);
        }
    }

    [Test]
    public void AFileOfAnotherKindIsLeftAsItIs([Values("notes without a line feed", "notes\nof two lines\n", "{\"some\": \"json\"}")] string text)
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("notes.txt");
        File.WriteAllText(path, text);
        Assert.That(() => ResultsWriter.Open(path), Throws.TypeOf<BipeException>());
        Assert.That(File.ReadAllText(path), Is.EqualTo(text));
    }

    [Test]
    public void OneProcessWritesAtATime()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("results.jsonl");
        using ResultsWriter writer = ResultsWriter.Open(path);
        Assert.That(() => ResultsWriter.Open(path), Throws.TypeOf<BipeException>().With.Message.Contains("Cannot open"));
        Assert.That(ResultsFile.Read(path).Records, Is.Empty, "others may read");
        Assert.That(() => ResultsFile.Read(folder.At("missing.jsonl")), Throws.TypeOf<BipeException>().With.Message.Contains("missing.jsonl"));
    }

    [Test]
    public void PartsFollowEachOther()
    {
        var stored = new StoredResults([], [Part("a", 0, 2), Part("b", 0, 9), Part("a", 2, 1), Part("a", 0, 2), Part("a", 7, 1), Part("a", 3, 4)]);
        Assert.That(stored.PartsOf("a").Select(part => part.FirstBlock), Is.EqualTo(new[] { 0, 2, 3 }));
        Assert.That(stored.PartsOf("c"), Is.Empty);
    }

    [Test]
    public void KeysTellModelTextAndEverySettingApart()
    {
        EvaluationSettings settings = Record("a", 1).Settings;
        string[] keys =
        [
            EvaluationKey.Of("m", "d", settings),
            EvaluationKey.Of("n", "d", settings),
            EvaluationKey.Of("m", "e", settings),
            EvaluationKey.Of("m", "d", settings with { Protocol = "last" }),
            EvaluationKey.Of("m", "d", settings with { BlockSize = 17 }),
            EvaluationKey.Of("m", "d", settings with { Stride = 3 }),
            EvaluationKey.Of("m", "d", settings with { LastTokens = 3 }),
            EvaluationKey.Of("m", "d", settings with { LongestBlock = 3 }),
            EvaluationKey.Of("m", "d", settings with { WithinDocuments = true }),
            EvaluationKey.Of("m", "d", settings with { MaximumTokens = 3 }),
            EvaluationKey.Of("m", "d", settings with { Precision = "BFloat16" }),
        ];
        Assert.That(keys, Is.Unique);
        Assert.That(EvaluationKey.Of("m", "d", settings with { }), Is.EqualTo(keys[0]));
    }

    [Test]
    public void TextIsHashedByTokensAndBoundariesThatBlocksCover()
    {
        int[] tokens = [.. Enumerable.Range(0, 100)];
        string hash = Hash(new DocumentArray(tokens, [0, 50]), 16, 60);
        Assert.That(Hash(new DocumentArray([.. tokens, 5, 6, 7], [0, 50, 90]), 16, 60), Is.EqualTo(hash), "what comes after does not matter");
        Assert.That(Hash(new DocumentArray(tokens, [0, 51]), 16, 60), Is.Not.EqualTo(hash));
        tokens[63] = 0;
        Assert.That(Hash(new DocumentArray(tokens, [0, 50]), 16, 60), Is.Not.EqualTo(hash));

        static string Hash(DocumentArray documents, int blockSize, long most) =>
            EvaluationPlan.Create(documents, new ExactProtocol(), blockSize, most).HashData();
    }

    [Test]
    public void ModelsAreHashedByWeightsAndConfiguration()
    {
        using var folder = new TemporaryFolder();
        Write("a", "{}", [1, 2, 3]);
        Write("b", "{}", [1, 2, 3]);
        Write("c", "{ }", [1, 2, 3]);
        Write("d", "{}", [1, 2, 4]);
        string[] hashes = [.. new[] { "a", "b", "c", "d" }.Select(name => ModelHash.Of(folder.At(name)))];
        File.WriteAllText(folder.At("a/optimizer.safetensors"), "not the model's");
        Assert.That(hashes[1], Is.EqualTo(hashes[0]));
        Assert.That(hashes[1..], Is.Unique);
        Assert.That(ModelHash.Of(folder.At("a")), Is.EqualTo(hashes[0]));

        void Write(string name, string config, byte[] weights)
        {
            folder.Write($"{name}/config.json", config);
            folder.Write($"{name}/model.safetensors", weights);
        }
    }

    private static void Append(string path, params EvaluationRecord[] records)
    {
        using ResultsWriter writer = ResultsWriter.Open(path);
        Array.ForEach(records, writer.Append);
    }

    private static EvaluationRecord Record(string key, double loss) => new()
    {
        Key = key,
        Model = new EvaluatedModel("runs/ä|b", "m", "bipe_rope", 5, 16),
        Data = new EvaluatedData("pg19", "d", 2, 9),
        Settings = new EvaluationSettings { Protocol = "exact", BlockSize = 16, Precision = "Float32" },
        Result = new EvaluationNumbers
        {
            Blocks = 1,
            ScoredTokens = 9,
            MeanLoss = 900,
            Perplexity = double.PositiveInfinity,
            Seconds = 0.5,
            TokensPerSecond = 20,
            Interval = new LossInterval(1, 2, 0.95, 2, 2000),
        },
        Finished = new DateTimeOffset(2024, 7, 1, 12, 0, 0, TimeSpan.Zero),
        Machine = new EvaluationMachine("1", ".NET", "Linux", "cpu", "2 threads"),
        Positions = [new PositionLoss(1, 1, 1, loss, null), new PositionLoss(2, 2, 1, 2, 0.5)],
        Shares = new LossShares([0, 0], [0, 1], [4, 5], [loss, 1e-300], null),
    };

    private static EvaluationPart Part(string key, int first, int count) => new()
    {
        Key = key,
        FirstBlock = first,
        BlockCount = count,
        Seconds = 1,
        Positions = [new PositionSums(1, 1, 2, 2, 3, 4.5, 3, 2)],
        Shares = new LossShares([first], [0], [1], [1.0 / 3], [2]),
    };
}
