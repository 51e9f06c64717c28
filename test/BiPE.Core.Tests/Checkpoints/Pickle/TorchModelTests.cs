using System.Runtime.InteropServices;
using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints;
using BiPE.Core.Checkpoints.Pickle;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Model;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Checkpoints.Pickle;

/// <summary>Whole models from pytorch_model.bin.</summary>
public sealed class TorchModelTests
{
    public static readonly string[] Layouts = ["zip", "legacy", "transposed", "sharded"];

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void TheReferencesModelsLoadBitForBit([ValueSource(nameof(Layouts))] string layout, [ValueSource(typeof(TinyModels), nameof(TinyModels.Encodings))] string encoding)
    {
        string original = TestFiles.InRepository("BiPE.Core.Tests", "models", encoding);
        using var backend = new CpuBackend();
        using LanguageModel model = HuggingFaceFolder.Load(backend, original);
        File.Copy(Path.Combine(original, "config.json"), _folder.At("config.json"));
        (string, long[], float[])[] tensors =
        [
            .. TorchBytes.TensorsOf(model), ("model.layers.0.self_attn.rotary_emb.inv_freq", [1], [1f]), ("model.layers.1.self_attn.alibi", [1], [1f]),
        ];
        Save(layout, tensors);
        using LanguageModel loaded = HuggingFaceFolder.Load(backend, _folder.Path);
        foreach ((Parameter before, Parameter after) in model.Parameters.Zip(loaded.Parameters))
        {
            Assert.That(backend.ReadFloats(after.Value), Is.EqualTo(backend.ReadFloats(before.Value)), before.Name);
        }
    }

    [Test]
    public void APlainLlamaIsRope()
    {
        using var backend = new ReferenceBackend();
        var scaling = new RotaryScalingConfig("llama3", 4) { OriginalMaximumPositions = 8, LowFrequencyFactor = 1, HighFrequencyFactor = 4 };
        ModelConfig config = TinyModels.Config("rope", tied: true) with { RotaryScaling = scaling, AttentionBias = true, PadTokenId = null };
        using LanguageModel model = TinyModels.Create(backend, config);
        _folder.Write(TorchSet.FileName, TorchBytes.Save([.. TorchBytes.TensorsOf(model)]));
        _folder.Write("config.json", """
            {"architectures":["LlamaForCausalLM"],"attention_bias":true,"attention_dropout":0.0,"bos_token_id":1,"dtype":"float32","eos_token_id":2,
             "head_dim":4,"hidden_act":"silu","hidden_size":24,"initializer_range":0.02,"intermediate_size":20,"max_position_embeddings":16,
             "mlp_bias":false,"model_type":"llama","num_attention_heads":6,"num_hidden_layers":2,"num_key_value_heads":2,"pretraining_tp":1,
             "rms_norm_eps":1e-06,"rope_parameters":{"factor":4.0,"high_freq_factor":4.0,"low_freq_factor":1.0,
             "original_max_position_embeddings":8,"rope_theta":10000.0,"rope_type":"llama3"},"tie_word_embeddings":true,"use_cache":true,"vocab_size":23}
            """);
        using LanguageModel loaded = HuggingFaceFolder.Load(backend, _folder.Path);
        Assert.That(loaded.Config.PositionEncoding, Is.EqualTo("rope"));
        using var tape = new Tape(backend, isRecording: false);
        double[] expected = backend.ReadDoubles(model.Losses(tape, TinyModels.Batch()));
        Assert.That(backend.ReadDoubles(loaded.Losses(tape, TinyModels.Batch())), Is.EqualTo(expected).Within(1e-5), "weights were saved in float32");
    }

    [Test]
    public void SafetensorsAreTakenBeforePickles()
    {
        using var backend = new CpuBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("rope"));
        HuggingFaceFolder.Save(model, _folder.Path, tokenizer: null);
        _folder.Write("pytorch_model.bin", [1, 2, 3]);
        HuggingFaceFolder.Load(backend, _folder.Path).Dispose();

        File.Delete(_folder.At("model.safetensors"));
        Assert.That(() => HuggingFaceFolder.Load(backend, _folder.Path), Throws.TypeOf<BipeException>().With.Message.Contains("pytorch_model.bin"));
        File.Delete(_folder.At("pytorch_model.bin"));
        Assert.That(() => HuggingFaceFolder.Load(backend, _folder.Path),
            Throws.TypeOf<BipeException>().With.Message.Contains("none of model.safetensors, model.safetensors.index.json, pytorch_model.bin"));
    }

    [Test]
    public void IndexAndShardsMustAgree()
    {
        _folder.Write("a.bin", TorchBytes.Save([("x", [2], [1f, 2f])]));
        Refuses("""{"weight_map":{"x":"a.bin","y":"a.bin"}}""", "the tensor 'y' is in 'a.bin', but that file does not have it");
        Refuses("""{"weight_map":{"x":"b.bin"}}""", "b.bin");
        Refuses("""{"weight_map":{"x":"../a.bin"}}""", "expected the name of a file in the same folder");
        Refuses("""{"weight_map":["x"]}""", "no object 'weight_map'");
        _folder.Write(TorchSet.IndexName, """{"metadata":{"total_size":8},"weight_map":{"x":"a.bin"}}""");
        using TorchSet set = TorchSet.Open(_folder.At(TorchSet.IndexName));
        var values = new float[2];
        set.ReadFloats("x", 0, values);
        Assert.That(values, Is.EqualTo(new[] { 1f, 2f }));
        Assert.That(set.Format, Is.EqualTo("PyTorch zip archive"));

        void Refuses(string index, string sentence)
        {
            _folder.Write(TorchSet.IndexName, index);
            Assert.That(() => TorchSet.Open(_folder.At(TorchSet.IndexName)), Throws.TypeOf<BipeException>().With.Message.Contains(sentence));
        }
    }

    [Test]
    public void LoadingTakesTheModelsOwnMemoryAndOnePieceOfATensor()
    {
        // 36.9 million parameters, 148 MB in float32.
        var config = new ModelConfig
        {
            VocabularySize = 16000, HiddenSize = 512, IntermediateSize = 1536, LayerCount = 6, HeadCount = 8, KeyValueHeadCount = 8,
        };
        IReadOnlyList<ParameterLayout> layout = ParameterLayout.Of(config);
        long modelBytes = 4 * layout.Sum(parameter => parameter.Count);
        Assert.That(modelBytes, Is.GreaterThan(140_000_000));
        ModelConfigWriter.Write(_folder.Path, config);
        WriteLarge(_folder.At(TorchSet.FileName), layout);

        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        long managed = GC.GetTotalAllocatedBytes(precise: true);
        using LanguageModel model = HuggingFaceFolder.Load(backend, _folder.Path);
        managed = GC.GetTotalAllocatedBytes(precise: true) - managed;
        long largest = 4 * layout.Max(parameter => parameter.Count);
        TestContext.Out.WriteLine($"model {modelBytes}, pool at most {backend.Memory.Peak}, reserved {backend.Memory.Reserved}, managed in all {managed}, largest tensor {largest}");
        Assert.That(backend.Memory.Used, Is.EqualTo(modelBytes));
        Assert.That(backend.Memory.Peak + managed, Is.LessThan(modelBytes + largest), "everything ever allocated, not only what lived at once");
        float[] norm = backend.ReadFloats(model.Parameters.Single(parameter => parameter.Name == "model.norm.weight").Value);
        Assert.That(norm, Is.EqualTo(Enumerable.Range(0, 512).Select(i => (float)i)));
    }

    private void Save(string layout, (string Name, long[] Shape, float[] Values)[] tensors)
    {
        if (layout != "sharded")
        {
            _folder.Write(TorchSet.FileName, TorchBytes.Save(tensors, legacy: layout == "legacy", transposed: layout == "transposed"));
            return;
        }

        (string Name, long[] Shape, float[] Values)[][] halves = [tensors[..5], tensors[5..]];
        var entries = new List<string>();
        for (int i = 0; i < halves.Length; i++)
        {
            string file = $"pytorch_model-{i + 1:D5}-of-00002.bin";
            _folder.Write(file, TorchBytes.Save(halves[i], legacy: i == 1));
            entries.AddRange(halves[i].Select(tensor => $"\"{tensor.Name}\": \"{file}\""));
        }

        _folder.Write(TorchSet.IndexName, $"{{\"metadata\": {{}}, \"weight_map\": {{{string.Join(",", entries)}}}}}");
    }

    /// <summary>Every tensor counts its elements up to 1023 and begins anew.</summary>
    private static void WriteLarge(string path, IReadOnlyList<ParameterLayout> layout)
    {
        var pickle = new PickleBytes().Global("collections", "OrderedDict").Op(")R(");
        foreach ((int index, ParameterLayout parameter) in layout.Index())
        {
            pickle.Text(parameter.Name).Tensor("FloatStorage", $"{index}", parameter.Count, 0, [.. parameter.Shape]);
        }

        float[] pattern = [.. Enumerable.Range(0, 1 << 18).Select(i => (float)(i % 1024))];
        using FileStream stream = File.Create(path);
        TorchBytes.WriteZip(stream, pickle.Op("u").Stop(), layout.Select((parameter, index) => ($"data/{index}", (Action<Stream>)(target =>
        {
            for (long done = 0; done < parameter.Count; done += pattern.Length)
            {
                target.Write(MemoryMarshal.AsBytes(pattern.AsSpan(0, (int)Math.Min(pattern.Length, parameter.Count - done))));
            }
        }))));
    }
}
